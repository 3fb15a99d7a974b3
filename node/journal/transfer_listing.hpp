#pragma once
/// Listings and counts of the journal's transfers, over any connection to its file: the one that writes, or
/// one that only reads. Not thread-safe. Throws `SQLite::Exception`.
#include "actors/transfer/transfer_record.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace hublink {

class transfer_listing {
 public:
  explicit transfer_listing(SQLite::Database& in) : database_(in) {}

  /// Indices that listings go by, and who took part in what has ended. They need the table `transfers`.
  static const char* const schema;
  /// Newest first, by the time at which they were begun here.
  std::vector<transfer_record> list(const transfer_query& query);
  /// What `list` asks, with `:transfer`, `:file`, `:host`, `:limit` and so on as far as they count. Empty:
  /// nothing can match.
  static std::string sql(const transfer_query& query);
  transfer_tally tally(const tally_query& query);

  /// Columns of `transfers`, then of `origins`: as `read_record` wants them.
  static const char* const rows_sql;
  /// With what is newer of its receivers than the row, which stands at one of `rows_sql`.
  transfer_record read_whole(SQLite::Statement& row);

 private:
  std::uint64_t count(const char* states, const tally_query& query);

  SQLite::Database& database_;
  std::optional<SQLite::Statement> newer_; ///< of one transfer's receivers
  std::optional<transfer_tally> known_;    ///< of all files, as of `version_`
  std::int64_t version_ = 0;               ///< changes with each commit of another connection
};

} // namespace hublink
