#pragma once
/// A journal in a file of its own, and rows for it.
#include "node/journal/journal_store.hpp"
#include "support/catch.hpp"

#include <unistd.h>

namespace hublink::test {

struct fresh_file {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("hublink-journal-" + std::to_string(::getpid()));
  fresh_file() { remove(); }
  ~fresh_file() { remove(); }
  std::int64_t now_ms = 1; ///< steady time
  journal_store::steady_clock clock() {
    return [this] { return now_ms; };
  }
  void remove() const {
    for (const auto* suffix : {"", "-wal", "-shm", ".before-1"})
      std::filesystem::remove(path.string() + suffix);
  }
};

/// How SQLite would answer it.
inline std::string plan_of(const fresh_file& file, const std::string& sql) {
  SQLite::Database database{file.path.string()};
  SQLite::Statement row{database, "EXPLAIN QUERY PLAN " + sql};
  std::string all;
  while (row.executeStep()) all += row.getColumn(3).getString() + "\n";
  return all;
}

/// HOST1's, of FILE01.
inline transfer_key key(const std::string& id) { return {id, "HOST1", "FILE01"}; }

inline transfer_record record(const std::string& id, transfer_side side, transfer_state state) {
  transfer_record what;
  what.transfer = id;
  what.side = side;
  what.file = "FILE01";
  what.from = "HOST1";
  what.to = {{"HOST2", state}, {"HOST3", transfer_state::queued}};
  what.state = state;
  what.sequence = 7;
  what.path = "out/x";
  return what;
}

} // namespace hublink::test
