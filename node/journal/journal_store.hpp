#pragma once
/// The journal's tables and statements, without actors. Not thread-safe. Throws `SQLite::Exception`.
#include "actors/transfer/receive_rules.hpp"
#include "actors/transfer/transfer_record.hpp"
#include "node/journal/spool_rows.hpp"
#include "node/journal/transfer_listing.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>

namespace hublink {

class journal_store {
 public:
  using steady_clock = std::function<std::int64_t()>; ///< ms that nobody can set

  /// Throws `foreign_journal`, too: a later version of hublink made it.
  explicit journal_store(const std::filesystem::path& file, steady_clock steady_ms);

  const std::filesystem::path& file() const { return file_; }
  void begin();
  void commit();
  void rollback();

  /// The next sequence of that file ID as sent from here: grows, and is never below the time, so that a
  /// sender that lost its journal is not refused as superseded for ever.
  std::uint64_t next_sequence(const std::string& file, std::int64_t now_ms);
  /// A receiver's failure ends its publication too.
  void save(const transfer_record& record);
  /// These receivers alone, of a sender's record that is there.
  void save(const receiver_changes& what);
  /// `save`, and whose request it was made for.
  void save_new(const transfer_record& record);
  /// Nothing if another transfer serves that request.
  void save_request(const send_request& request, const transfer_id& transfer);
  /// The transfer that serves that request.
  std::optional<transfer_record> find_served(const send_request& request);
  std::optional<transfer_record> find(const transfer_key& key, transfer_side side);
  std::vector<transfer_record> list(const transfer_query& query) { return listing_.list(query); }
  /// Removes the transfers that ended longest ago and before `before_ms`, by the steady clock, `most` at a
  /// time, with their stored receipts. The newest that ended stays, for each file ID. How many went.
  std::size_t prune(std::int64_t before_ms, std::uint32_t most);
  static const char* const prunable_sql; ///< what `prune` asks: time, count

  /// The sequence that `sender` published last under that file ID; 0 if none.
  std::uint64_t last_published(const std::string& sender, const std::string& file);
  /// Of the other transfers of that sender and file ID whose publication is open, the highest sequence.
  open_publication last_open(const transfer_key& but_of);
  /// What else was begun at its path is begun no more: whether that was published could not be told then.
  void save_publication(const publication& what);
  std::optional<publication> find_publication(const transfer_key& key);
  /// Publication and record are done, and its sequence is the last published.
  void commit_publication(const transfer_key& key, std::int64_t now_ms);
  /// How a job of that transfer ended, which is due no more.
  void save_report(const transfer_key& key, const job_report& how);
  bool hold(bool on); ///< `on`
  bool is_held();
  std::vector<publication> open_publications();
  /// What a crash broke off as receiver waits for the sender's next attempt.
  void queue_broken_receives();
  spool_rows& spools() { return spools_; }

 private:
  void forget_publication(const transfer_key& key);
  void forget_requests(const transfer_id& transfer);
  void forget_receivers(const transfer_id& transfer);
  SQLite::Statement& statement(const char* sql);

  std::filesystem::path file_;
  steady_clock steady_ms_;
  SQLite::Database database_;
  transfer_listing listing_;
  spool_rows spools_;
  std::map<const char*, SQLite::Statement> statements_; ///< by the address of their literal
};

} // namespace hublink
