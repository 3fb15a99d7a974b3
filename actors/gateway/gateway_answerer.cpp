#include "actors/gateway/gateway_answerer.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/ports/gateway_plane.hpp"

namespace hublink {

circuit_actor::behavior_type gateway_answerer_state::start(environment_ptr env) {
  env_ = std::move(env);
  return {
      [this](const attached& got) { env_->gateways->run(got.circuit, {}); },
      [](const progressed&) {},
      [this](const consulted& asked) { refuse_question(*env_, asked); },
      [this](const ended& what) {
        env_->events.write(id_, closed_event(what, of_));
        self_->quit();
      },
      [this](const hop_lost& lost) { env_->plane.close(circuit_, lost.why); },
      [this](const arrived_open& arrived) {
        id_ = arrived.request.transfer;
        of_ = mark_of(arrived.request);
        circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
        opened yes;
        yes.data_token = admit_near_side(*env_, circuit_, arrived);
        return yes;
      },
      [this](const abandon& what) { env_->plane.close(circuit_, what.why); },
  };
}

} // namespace hublink
