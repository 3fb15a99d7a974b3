#include "actors/circuit/answerer.hpp"
#include "actors/circuit/near_side.hpp"

namespace hublink {

circuit_actor::behavior_type answerer_state::start(environment_ptr env, end_starter* run) {
  env_ = std::move(env);
  return {
      [this, run](const attached& got) { run(*env_, got.circuit); },
      [](const progressed&) {},
      [this](const consulted& asked) { refuse_question(*env_, asked); },
      [this](const ended& what) {
        env_->events.write(id_, closed_event(what, of_));
        self_->quit();
      },
      [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
      [this](const arrived_open& arrived) { return accept(arrived); },
      [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
  };
}

opened answerer_state::accept(const arrived_open& arrived) {
  id_ = arrived.request.transfer;
  of_ = mark_of(arrived.request);
  auto asked = self_->clock().now();
  circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
  opened yes;
  yes.data_token = admit_near_side(*env_, circuit_, arrived);
  if (traits_of(arrived.request.kind).times_hops) {
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - asked);
    yes.path = {{env_->self->node, std::uint32_t(took.count())}};
  }
  return yes;
}

} // namespace hublink
