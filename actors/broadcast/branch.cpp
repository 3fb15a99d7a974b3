#include "actors/broadcast/branch.hpp"
#include "actors/transfer/retry.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <algorithm>

namespace hublink {

branch_actor::behavior_type branch_state::start(environment_ptr env, hop_services services,
                                                branch_order order) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  order_ = std::move(order);
  // Hubs remember for a while which search led nowhere: a later branch of the same broadcast searches anew.
  round_ = std::uint32_t(env_->random());
  hosts_ = hosts_of(order_.ways.front());
  begun_ = order_.resumes && order_.from->policy == store_policy::never; // a store asks again by itself
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what); };
  handlers.closed_names_hop = true;
  return origin_->behavior(
      std::move(handlers), [this](start_atom) { make_circuit(); }, [this](stop_atom) { stop(); });
}

void branch_state::make_circuit() {
  if (stopped_) return self_->quit();
  auto request = order_.request;
  request.budget_ms = std::uint32_t(env_->open_budget.count());
  request.round = ++round_;
  origin_->make_over(request, order_.ways, [this](const outcome<origin::ready>& far) {
    if (far) return run(*far);
    settle(far.error());
  });
}

void branch_state::run(const origin::ready& far) {
  begun_ = true;
  feeding_end_config config{hosts_, order_.from->held, order_.from->board, env_->ca, env_->wall_clock};
  env_->plane.run(far.circuit, make_feeding_end(std::move(config)), env_->files.spool());
}

void branch_state::conclude(const ended& what) {
  if (what.content.bytes > best_) broken_in_a_row_ = 0;
  best_ = std::max(best_, what.content.bytes);
  if (what.result || all_settled()) return self_->quit();
  origin_->abandon(what.result.error());
  settle(what.result.error());
}

// Nobody but the sender can say what it lacks: without it the branch waits for its next attempt.
void branch_state::settle(failure why) {
  if (why.hop.empty()) why.hop = env_->self->node;
  auto& spool = *order_.from->held;
  if (spool.is_distrusted()) fetch_again();
  bool source_is_gone = spool.is_over() && !spool.held().complete && !spool.offer().cancel;
  if (stopped_ || source_is_gone) return self_->quit();
  // What is left of the circuit before this one may still be there.
  if (why.code == errc::loop && (begun_ || order_.resumes)) why.code = errc::hop_down;
  if (auto pause = pause_before_next({}, {why, begun_, ++broken_in_a_row_})) {
    self_->delayed_send(self_, *pause, start_atom_v);
    return;
  }
  for (const auto& host : hosts_)
    if (!order_.from->board->is_settled(host)) order_.from->board->give_up(host, why);
  self_->quit();
}

// The sender's next attempt brings what did not open; until then nobody is fed.
void branch_state::fetch_again() {
  if (auto owner = order_.from->owner.lock())
    self_->send(caf::actor_cast<broadcast_point_actor>(owner), stop_atom_v);
}

void branch_state::stop() {
  stopped_ = true;
  failure why{errc::cut, env_->self->node, "the broadcast ends here"};
  if (origin_->stands()) return origin_->close(why);
  origin_->abandon(why);
  self_->quit();
}

bool branch_state::all_settled() const {
  return std::all_of(hosts_.begin(), hosts_.end(),
                     [this](const auto& host) { return order_.from->board->is_settled(host); });
}

} // namespace hublink
