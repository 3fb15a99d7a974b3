#pragma once
/// The broadcasts of which this node is a point: what outlives their circuits. Thread-safe.
#include "protocol/bytes.hpp"

#include <caf/all.hpp>

#include <memory>

namespace hublink {

class spool;
class branch_board;

struct broadcast {
  std::shared_ptr<spool> held;
  std::shared_ptr<branch_board> board;
  std::vector<std::string> names;
  std::int64_t used_ms = 0;    ///< when its last circuit began or ended
  caf::weak_actor_ptr owner{}; ///< its broadcaster
};

class broadcast_table {
 public:
  broadcast_table();

  /// `owner` takes it over; `before`: who had it, if it lives.
  std::shared_ptr<broadcast> enter(const transfer_id& transfer, const std::vector<std::string>& names,
                                   std::int64_t now_ms, caf::weak_actor_ptr owner,
                                   caf::strong_actor_ptr& before);
  void touch(const transfer_id& transfer, std::int64_t now_ms);
  void forget(const transfer_id& transfer);
  /// Those that nobody went on with since then, and that have no circuit: forgotten, and returned.
  std::vector<transfer_id> take_older(std::int64_t than_ms);

 private:
  struct table;
  std::shared_ptr<table> table_;
};

} // namespace hublink
