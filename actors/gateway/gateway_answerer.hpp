#pragma once
/// The circuit under a gateway link, where it was called: lets the asker attach, and hands the circuit to the
/// plane, which makes the link on it.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"

namespace hublink {

class gateway_answerer_state {
 public:
  using actor_type = circuit_actor;
  static inline const char* name = "gateway_answerer";

  explicit gateway_answerer_state(circuit_actor::stateful_pointer<gateway_answerer_state> self)
      : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env);

 private:
  circuit_actor::stateful_pointer<gateway_answerer_state> self_;
  environment_ptr env_;
  transfer_id id_;
  event::circuit_mark of_;
  circuit_id circuit_ = 0;
};

} // namespace hublink
