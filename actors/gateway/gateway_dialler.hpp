#pragma once
/// The circuit under a gateway link that this node dials. The plane then makes the link on it.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_origin.hpp"
#include "actors/gateway/gateway_interface.hpp"

namespace hublink {

class gateway_dialler_state {
 public:
  using actor_type = gateway_circuit_actor;
  static inline const char* name = "gateway_dialler";
  using pointer = gateway_circuit_actor::stateful_pointer<gateway_dialler_state>;

  explicit gateway_dialler_state(pointer self) : self_(self) {}
  gateway_circuit_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using origin = circuit_origin<gateway_circuit_actor, gateway_dialler_state>;

  void dial(const std::string& peer);

  pointer self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  answer_promise<circuit_id> reply_;
};

} // namespace hublink
