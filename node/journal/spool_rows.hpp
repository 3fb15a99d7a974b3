#pragma once
/// The journal's tables of a broadcast point's spools. Not thread-safe. Throws `SQLite::Exception`.
#include "actors/broadcast/spool_record.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

class spool_rows {
 public:
  /// Makes the tables.
  static const char* const schema; ///< of its tables, which are made by the journal's store
  explicit spool_rows(SQLite::Database& in) : database_(in) {}

  void save(const spool_change& change);
  void remove(const transfer_key& key);
  /// What can't be read is left out.
  std::vector<spool_record> all();

 private:
  void save_head(const spool_record& now);
  void save_progress(const spool_record& now);
  void read_parts(spool_record& into, const std::string& name);
  void read_results(spool_record& into, const std::string& name);
  void rename(const std::string& before, const std::string& name);
  void run(const char* sql, const std::string& name);

  SQLite::Database& database_;
};

} // namespace hublink
