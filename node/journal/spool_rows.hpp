#pragma once
/// The journal's tables of a broadcast point's spools. Not thread-safe. Throws `SQLite::Exception`.
#include "actors/broadcast/spool_record.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

class spool_rows {
 public:
  /// Makes the tables.
  explicit spool_rows(SQLite::Database& in);

  void save(const spool_change& change);
  void remove(const transfer_id& transfer);
  /// What can't be read is left out.
  std::vector<spool_record> all();

 private:
  void save_head(const spool_record& now);
  void save_progress(const spool_record& now);
  void read_parts(spool_record& into);
  void read_results(spool_record& into);
  void run(const char* sql, const transfer_id& transfer);

  SQLite::Database& database_;
};

} // namespace hublink
