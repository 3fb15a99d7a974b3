#include "actors/gateway/gateway_dialler.hpp"
#include "actors/ports/ids.hpp"

namespace hublink {

gateway_circuit_actor::behavior_type gateway_dialler_state::start(environment_ptr env,
                                                                  hop_services services) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  circuit_handlers handlers;
  handlers.conclude = [this](const ended&) { self_->quit(); };
  return origin_->behavior(std::move(handlers), [this](dial_atom, const std::string& peer) {
    auto reply = self_->make_response_promise<circuit_id>();
    reply_ = answer_promise<circuit_id>{reply};
    dial(peer);
    return reply;
  });
}

void gateway_dialler_state::dial(const std::string& peer) {
  auto request = make_open(*env_, circuit_kind::gateway, make_transfer_id(*env_));
  request.destination = {peer};
  origin_->make(request, [this](const outcome<origin::ready>& far) {
    if (far) return reply_.deliver(far->circuit);
    reply_.fail(far.error());
    self_->quit();
  });
}

} // namespace hublink
