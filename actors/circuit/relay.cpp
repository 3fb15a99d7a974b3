#include "actors/circuit/relay.hpp"
#include "actors/circuit/near_side.hpp"

namespace hublink {

circuit_actor::behavior_type relay_state::start(environment_ptr env, leg_services services) {
  env_ = std::move(env);
  far_.emplace(self_, env_, std::move(services));
  return {
      [this](const attached& got) { far_->on_attached(got.circuit); },
      [](const progressed&) {},
      [](const consulted&) {},
      [this](const ended& what) {
        if (!far_->on_ended(what) && what.circuit == circuit_) conclude(what);
      },
      [this](const hop_lost& lost) {
        if (lost.side == side::near || far_->stands_on(lost)) stop(lost.why);
      },
      [this](const open& told) {
        auto reply = self_->make_response_promise<opened>();
        reply_ = answer_to<opened>{reply};
        begin(told);
        return reply;
      },
      [this](const abandon& what) { stop(what.why); },
  };
}

void relay_state::begin(const open& told) {
  told_ = told;
  began_ = self_->clock().now();
  far_->start(told_, [this](const outcome<leg::ready>& far) {
    if (far) return carry(*far);
    reply_.fail(far.error());
    self_->quit();
  });
}

// The far side is whole, so the near side may come: the plane joins the two as soon as the asker shows the
// token.
void relay_state::carry(const leg::ready& far) {
  circuit_ = far.circuit;
  auto answer = far.answer;
  answer.data_token = admit_near_side(*env_, circuit_, told_, {});
  if (told_.kind == circuit_kind::ping) {
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - began_);
    answer.path.insert(answer.path.begin(), {env_->self->node, std::uint32_t(took.count())});
  }
  reply_.deliver(std::move(answer));
}

void relay_state::conclude(const ended& what) {
  env_->events.write(told_.transfer, closed_event(what));
  if (!what.result) far_->stop(what.result.error());
  self_->quit();
}

// Before the far side is there nothing is carried yet: refuse. After it, the plane's `ended` closes the
// story.
void relay_state::stop(const failure& why) {
  far_->stop(why);
  if (circuit_) return env_->plane.close(circuit_, why);
  reply_.fail(why);
  self_->quit();
}

circuit_actor spawn_relay(caf::actor_system& system, environment_ptr env, leg_services services) {
  auto behavior = [](circuit_actor::stateful_pointer<relay_state> self, environment_ptr env,
                     leg_services services) {
    return self->state.start(std::move(env), std::move(services));
  };
  return system.spawn(behavior, std::move(env), std::move(services));
}

} // namespace hublink
