#pragma once
/// A node's journal in memory: group commit after a drawn delay, answers only after it. A crash keeps what
/// was committed; the commit that is under way counts as made or not, by chance, and nobody is told.
#include "simulation/network/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hublink::sim {

/// The rows, without actors.
struct journal_rows {
  using key = std::pair<transfer_id, transfer_side>;
  struct kept_publication {
    publication what;
    bool done = false;
  };

  std::map<key, transfer_record> records;
  std::map<std::string, std::uint64_t> sequences; ///< by file ID
  bool held = false;
  std::map<transfer_id, kept_publication> publications;
  std::map<transfer_id, transfer_id> requests;                            ///< → the transfer that serves it
  std::map<std::pair<std::string, std::string>, std::uint64_t> published; ///< last, by sender and file ID

  std::map<transfer_id, spool_record> spools;

  /// Those of `spools` are kept here alone.
  std::map<transfer_id, std::map<std::string, branch_record>> spool_words;

  void save(const spool_change& change);
  void drop_spool(const transfer_id& transfer);
  std::vector<spool_record> all_spools() const;
  transfer_record enqueue(transfer_record record);
  void save(const transfer_record& record);
  verdict admit(const transfer_offer& offer, std::int64_t now_ms);
  outcome<> publish(const publication& what);
  void commit(const transfer_id& transfer, std::int64_t now_ms);
  void keep(const transfer_id& transfer, const job_report& how);
  void keep(const receiver_changes& what);
  /// The node starts: what it was receiving waits for its sender, but for the publications that are returned.
  std::vector<publication> begin();
  /// `save`, unless the transfer was cancelled.
  outcome<> update(const transfer_record& record);
  outcome<transfer_record> cancel(const transfer_id& transfer, std::int64_t now_ms);
  std::vector<transfer_record> list(const transfer_query& query) const; ///< newest first
  const transfer_record* find(const transfer_id& transfer, transfer_side side) const;
};

class sim_journal {
 public:
  sim_journal(world& in, std::string node) : world_(in), node_(std::move(node)) {}

  unsigned failing = 0, slow = 0; ///< out of 1,000 commits; a slow one takes up to a second
  /// What is safe.
  const journal_rows& durable() const { return durable_; }

  /// The actor of one life of the node.
  journal_actor start();
  /// Call it in the moment in which the node dies.
  void crash();

 private:
  friend class journal_state;
  using waiting_answer = std::function<void(const std::optional<failure>&)>;

  /// Does it to the present rows; to the durable ones it is done by the commit, which thus copies no rows.
  template <class Change>
  auto change(Change what) {
    uncommitted_.emplace_back([what](journal_rows& rows) { static_cast<void>(what(rows)); });
    return what(now_);
  }
  void plan_commit(const journal_actor& whom);
  void commit();
  void make_durable();

  world& world_;
  std::string node_;
  journal_rows now_, durable_;
  std::vector<std::function<void(journal_rows&)>> uncommitted_; ///< what `durable_` lacks
  std::vector<waiting_answer> answers_;                         ///< of the commit under way
  bool planned_ = false;
};

} // namespace hublink::sim
