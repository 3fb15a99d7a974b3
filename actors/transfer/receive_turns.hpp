#pragma once
/// Whose turn a transfer is at its receiver: two attempts of one must not write, publish and journal side by
/// side. Entered by an attempt whose offer was checked, so that nobody ends one by naming its id.
/// Thread-safe.
#include "protocol/base/errors.hpp"
#include "protocol/circuit/transfer_key.hpp"

#include <caf/all.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace hublink {

class receive_turns {
 public:
  /// `owner` works on it from now on. Answers with who did, if it lives: it must end first. Fails with
  /// `replayed`, and changes nothing, while a later attempt is at work.
  outcome<caf::strong_actor_ptr> take(const transfer_key& transfer, std::uint32_t attempt,
                                      caf::weak_actor_ptr owner) {
    std::lock_guard guard{table_->lock};
    auto& turn = table_->turns[transfer];
    auto before = turn.owner.lock();
    if (before && attempt < turn.attempt)
      return {errc::replayed, "a later attempt of this transfer is under way"};
    turn = {std::move(owner), attempt};
    return before;
  }
  void leave(const transfer_key& transfer, const caf::weak_actor_ptr& owner) {
    std::lock_guard guard{table_->lock};
    auto found = table_->turns.find(transfer);
    if (found != table_->turns.end() && found->second.owner == owner) table_->turns.erase(found);
  }

 private:
  struct turn {
    caf::weak_actor_ptr owner;
    std::uint32_t attempt = 0;
  };
  struct table {
    std::mutex lock;
    std::map<transfer_key, turn> turns;
  };
  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace hublink
