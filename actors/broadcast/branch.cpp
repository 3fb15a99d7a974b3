#include "actors/broadcast/branch.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/transfer/retry.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <algorithm>

namespace hublink {

branch_actor::behavior_type branch_state::start(environment_ptr env, leg_services services,
                                                branch_order order) {
  env_ = std::move(env);
  services_ = std::move(services);
  order_ = std::move(order);
  hosts_ = hosts_of(order_.ways.front());
  begun_ = order_.resumes && order_.from->policy == store_policy::never; // a store asks again by itself
  return {
      [this](const attached& got) { far_->on_attached(got.circuit); },
      [](const progressed&) {},
      [](const consulted&) {},
      [this](const ended& what) {
        if (!far_->on_ended(what) && what.circuit == circuit_) conclude(what);
      },
      [this](const hop_lost& lost) {
        if (circuit_ && far_->stands_on(lost)) env_->plane.close(circuit_, lost.why);
      },
      [this](begin_atom) { make_circuit(); },
      [this](stop_atom) { stop(); },
  };
}

void branch_state::make_circuit() {
  if (stopped_) return self_->quit();
  far_.emplace(self_, env_, services_);
  auto request = order_.told;
  request.budget_ms = std::uint32_t(env_->open_budget.count());
  far_->start_with(request, order_.ways, [this](const outcome<leg::ready>& far) {
    if (far) return run(*far);
    settle(far.error());
  });
}

void branch_state::run(const leg::ready& far) {
  circuit_ = far.circuit;
  begun_ = true;
  feeding_end_config config{hosts_, order_.from->held, order_.from->board, env_->ca, env_->wall_clock};
  env_->plane.run(circuit_, make_feeding_end(std::move(config)),
                  env_->files.spool(order_.told.transfer, spool_use::read));
}

void branch_state::conclude(const ended& what) {
  circuit_ = 0;
  auto closed = closed_event(what);
  closed.hop = order_.ways.front().hop.hop;
  env_->events.write(order_.told.transfer, closed);
  if (what.content.bytes > best_) broken_in_a_row_ = 0;
  best_ = std::max(best_, what.content.bytes);
  if (what.result || all_settled()) return self_->quit();
  far_->stop(what.result.error());
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
  if (auto pause = pause_before_next({}, {why.code, begun_, ++broken_in_a_row_})) {
    self_->delayed_send(self_, *pause, begin_atom_v);
    return;
  }
  for (const auto& host : hosts_)
    if (!order_.from->board->is_settled(host)) order_.from->board->give_up(host, why);
  self_->quit();
}

// The sender's next attempt brings what did not open; until then nobody is fed.
void branch_state::fetch_again() {
  if (auto owner = order_.from->owner.lock())
    self_->send(caf::actor_cast<broadcaster_actor>(owner), stop_atom_v);
}

void branch_state::stop() {
  stopped_ = true;
  failure why{errc::cut, env_->self->node, "the broadcast ends here"};
  if (circuit_) return env_->plane.close(circuit_, why);
  if (far_) far_->stop(why);
  self_->quit();
}

bool branch_state::all_settled() const {
  return std::all_of(hosts_.begin(), hosts_.end(),
                     [this](const auto& host) { return order_.from->board->is_settled(host); });
}

branch_actor spawn_branch(caf::actor_system& system, environment_ptr env, leg_services services,
                          branch_order order) {
  auto behavior = [](branch_actor::stateful_pointer<branch_state> self, environment_ptr env,
                     leg_services services, branch_order order) {
    return self->state.start(std::move(env), std::move(services), std::move(order));
  };
  return system.spawn(behavior, std::move(env), std::move(services), std::move(order));
}

} // namespace hublink
