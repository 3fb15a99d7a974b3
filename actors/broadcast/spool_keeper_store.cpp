/// The keeper's part in store and forward: whom the store waits for, and when they are asked again.
#include "actors/base/spawn.hpp"
#include "actors/broadcast/broadcast_point.hpp"
#include "actors/broadcast/spool_keeper.hpp"
#include "actors/ports/ids.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_try_pause = 2min;

bool waits_in_store(const broadcast& one) {
  return one.policy != store_policy::never && one.held->held().complete && !one.held->offer().cancel &&
         !one.board->unsettled().empty();
}

stored_transfer row_of(const broadcast& one) {
  auto offer = one.held->offer();
  return {offer.transfer, offer.file,    offer.sender,           offer.size,
          one.policy,     one.held_back, one.board->unsettled(), one.until_ms};
}

} // namespace

void spool_keeper_state::serve_store() {
  forget_tries_if_somebody_is_back();
  auto now = now_ms(*env_);
  for (const auto& one : env_->broadcasts->all()) {
    auto known = tries_.find(one->held->offer().transfer);
    if (!has_turn(*one)) continue;
    if (known == tries_.end() || known->second.next_ms <= now) ask(*one);
  }
}

// What was not reachable for one file may be for all.
void spool_keeper_state::forget_tries_if_somebody_is_back() {
  if (tries_.empty()) return; // nothing waits
  bool somebody = false;
  std::set<transfer_id> there;
  for (const auto& one : env_->broadcasts->idle()) {
    auto known = tries_.find(one->held->offer().transfer);
    somebody = somebody || (known != tries_.end() && one->board->waiting().size() < known->second.waiting);
  }
  for (const auto& one : env_->broadcasts->all()) there.insert(one->held->offer().transfer);
  std::erase_if(tries_, [&](const auto& each) { return somebody || !there.count(each.first); });
}

bool spool_keeper_state::has_turn(const broadcast& one) const {
  if (!waits_in_store(one)) return false;
  if (one.until_ms <= now_ms(*env_)) return true; // to be given up
  if (one.held_back) return false;
  auto waiting = one.board->waiting();
  return std::any_of(waiting.begin(), waiting.end(),
                     [&](const auto& name) { return env_->broadcasts->is_first_for(one, name); });
}

void spool_keeper_state::ask(const broadcast& one) {
  auto transfer = one.held->offer().transfer;
  auto& known = tries_[transfer];
  known.next_ms = now_ms(*env_) + pause_before_asking(known.count++, longest_try_pause).count();
  known.waiting = one.board->waiting().size();
  if (auto owner = env_->broadcasts->owner_of(one))
    return self_->send(caf::actor_cast<broadcast_point_actor>(owner), resume_atom_v, transfer);
  auto broadcaster = spawn<broadcast_point_state>(self_->system(), env_, services_, journal_);
  self_->monitor(broadcaster);
  self_->send(broadcaster, resume_atom_v, transfer);
  resumed_.push_back(std::move(broadcaster));
}

std::vector<stored_transfer> spool_keeper_state::stored() const {
  std::vector<stored_transfer> rows;
  for (const auto& one : env_->broadcasts->all())
    if (waits_in_store(*one)) rows.push_back(row_of(*one));
  return rows;
}

caf::result<stored_transfer> spool_keeper_state::deliver(const transfer_id& transfer) {
  for (const auto& one : env_->broadcasts->all()) {
    if (one->held->offer().transfer != transfer || !waits_in_store(*one)) continue;
    one->held_back = false;
    tries_.erase(transfer);
    ask(*one);
    return row_of(*one);
  }
  return to_error({errc::bad_config, env_->self->node,
                   "transfer " + transfer + " waits for nobody in the store of " + env_->self->node +
                       "; see hublink stored"});
}

} // namespace hublink
