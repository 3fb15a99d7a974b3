#pragma once
/// The broadcasts of which this node is a point: what outlives their circuits. Thread-safe.
#include "actors/spool_record.hpp"

#include <caf/all.hpp>

#include <memory>

namespace hublink {

/// The fields below `owner` are its owner's alone; without one, the keeper's.
struct broadcast {
  std::shared_ptr<spool> held;
  std::shared_ptr<branch_board> board;
  std::vector<std::string> names;
  std::int64_t used_ms = 0;    ///< when its last circuit began or ended
  caf::weak_actor_ptr owner{}; ///< its broadcaster
  open told{};
  spool::segment_ptr saved_part{}; ///< the journal's last
  std::size_t saved_words = 0;     ///< of the board's, that the journal has
  bool delivered = false;          ///< the sender has all words that there are
  int recalls = 0;                 ///< how often it was asked to come for them
  std::int64_t recall_ms = 0;      ///< not before then
};

class broadcast_table {
 public:
  using entry = std::shared_ptr<broadcast>;

  broadcast_table();

  /// `owner` takes it over; `before`: who had it, if it lives.
  entry enter(const open& told, const std::vector<std::string>& names, std::int64_t now_ms,
              caf::weak_actor_ptr owner, caf::strong_actor_ptr& before);
  /// What the journal kept; fails if it can't be read.
  outcome<> restore(spool_record kept);
  /// `owner` takes it over unless it has one: then null.
  entry adopt(const transfer_id& transfer, caf::weak_actor_ptr owner);
  void touch(const transfer_id& transfer, std::int64_t now_ms);
  void forget(const transfer_id& transfer);
  /// Those without an owner.
  std::vector<entry> idle() const;

 private:
  struct table;
  std::shared_ptr<table> table_;
};

/// As the journal shall have it: what it does not have yet.
spool_change unsaved_state(broadcast& of, std::int64_t now_ms);

} // namespace hublink
