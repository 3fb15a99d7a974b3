#pragma once
/// The broadcasts of which this node is a point: what outlives their circuits. By sender, file and id: who
/// knows an id, and may send something else through this node, finds nothing by it. Thread-safe.
#include "actors/base/share_pool.hpp"
#include "actors/broadcast/spool_record.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <memory>

namespace hublink {

/// The fields below `owner` are its owner's alone; without one, the keeper's.
struct broadcast {
  transfer_key key;
  std::shared_ptr<spool> held;
  std::shared_ptr<receiver_board> board;
  std::vector<std::string> names;
  store_policy policy = store_policy::never;
  std::int64_t until_ms = 0;          ///< see `store_terms`
  std::atomic<bool> held_back{false}; ///< the same
  std::int64_t used_ms = 0;           ///< when its last circuit began or ended
  caf::weak_actor_ptr owner{};        ///< its broadcaster
  open request{};
  share_pool::portion share{};     ///< among its sender's, once an offer was taken
  spool::segment_ptr saved_part{}; ///< the journal's last
  std::size_t saved_results = 0;   ///< of the board's, that the journal has
  bool saved_head = false;         ///< the journal has `request`, `names` and the offer, as they are
  store_terms saved_terms{};       ///< that it has
  bool expired = false;            ///< see `store_terms`
  bool delivered = false;          ///< the sender has all results that there are
  int recalls = 0;                 ///< how often it was asked to come for them
  std::int64_t recall_ms = 0;      ///< not before then
};

class broadcast_table {
 public:
  using entry = std::shared_ptr<broadcast>;

  broadcast_table();

  struct entered {
    entry found;
    std::vector<caf::strong_actor_ptr> before; ///< who had it for one of the receivers, and lives
    std::vector<transfer_key> replaced;        ///< what these held, as far as it is not the same: of no use
  };
  /// `owner` takes over what that offer, whose signature was checked, is of for these receivers. It goes on
  /// with what an earlier one held for the same receivers; a new one gets these terms. What is held of the
  /// transfer for other receivers alone stays as it is: their ways have parted. Fails with `replayed`, and
  /// changes nothing, if a later attempt or generation of the transfer was here.
  outcome<entered> enter(const transfer_offer& offer, const std::vector<std::string>& names,
                         const store_terms& store, std::int64_t steady_ms, caf::weak_actor_ptr owner);
  /// What the journal kept; fails if it can't be read.
  outcome<> restore(spool_record kept);
  /// `owner` takes it over unless it has one: then null.
  entry adopt(const transfer_key& transfer, caf::weak_actor_ptr owner);
  /// `owner` has none of it any more; says so by itself, as it may be kept alive for a while by others.
  void leave(broadcast& owned, const caf::weak_actor_ptr& owner);
  void touch(const transfer_key& transfer, std::int64_t steady_ms);
  void forget(const transfer_key& transfer);
  /// No earlier transfer of its file is about to go to that receiver from here: those that are held back do
  /// not count.
  bool is_first_for(const broadcast& candidate, const std::string& receiver) const;
  /// One for other receivers, at least.
  bool has_later_attempt(const broadcast& than) const;
  std::vector<entry> all() const;
  caf::strong_actor_ptr owner_of(const broadcast& owned) const; ///< if it lives
  /// Those without an owner.
  std::vector<entry> idle() const;

 private:
  struct table;
  std::shared_ptr<table> table_;
};

/// As the journal shall have it: what it does not have yet.
spool_change unsaved_state(broadcast& of, std::int64_t steady_ms);

} // namespace hublink
