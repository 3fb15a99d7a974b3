#pragma once
/// The rows of a node's journal in memory, without actors.
#include "actors/broadcast/spool_record.hpp"
#include "actors/transfer/transfer_record.hpp"
#include "protocol/circuit/owner_questions.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink::sim {

struct journal_rows {
  using key = std::pair<transfer_key, transfer_side>;
  struct request_name {
    std::string requester, file;
    transfer_id request;
    auto operator<=>(const request_name&) const = default;
  };
  struct kept_publication {
    publication what;
    bool done = false;
  };

  std::int64_t steady_ms = 0; ///< at which what is saved next is saved
  std::map<key, transfer_record> records;
  std::map<std::string, std::uint64_t> sequences; ///< by file ID
  bool held = false;
  std::map<transfer_key, kept_publication> publications;
  std::map<request_name, transfer_key> requests;                          ///< → the transfer that serves it
  std::map<std::pair<std::string, std::string>, std::uint64_t> published; ///< last, by sender and file ID

  std::map<transfer_key, spool_record> spools;

  /// Those of `spools` are kept here alone.
  std::map<transfer_key, std::map<std::string, branch_record>> spool_results;

  void save(const spool_change& change);
  void drop_spool(const transfer_key& transfer);
  std::vector<spool_record> all_spools() const;
  transfer_record enqueue(transfer_record record);
  void save(const transfer_record& record);
  verdict admit(const transfer_offer& offer, std::int64_t now_ms);
  outcome<> publish(const publication& what);
  void commit(const transfer_key& transfer, std::int64_t now_ms);
  void keep(const transfer_key& transfer, const job_report& how);
  void keep(const receiver_changes& what);
  /// The node starts: what it was receiving waits for its sender, but for the publications that are returned.
  std::vector<publication> begin();
  /// `save`, unless the transfer was cancelled.
  outcome<> update(const transfer_record& record);
  outcome<transfer_record> cancel(const transfer_id& transfer, std::int64_t now_ms);
  std::vector<transfer_record> list(const transfer_query& query) const; ///< newest first
  transfer_tally tally(const tally_query& query) const;
  const transfer_record* find(const transfer_key& transfer, transfer_side side) const;
  /// The first of that id.
  const transfer_record* find(const transfer_id& transfer, transfer_side side) const;
};

} // namespace hublink::sim
