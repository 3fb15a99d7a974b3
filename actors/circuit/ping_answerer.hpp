#pragma once
/// The end point of a ping: lets the asker attach, and ends at once.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"

namespace hublink {

class ping_answerer_state {
 public:
  using actor_type = circuit_actor;
  static inline const char* name = "ping_answerer";

  explicit ping_answerer_state(circuit_actor::stateful_pointer<ping_answerer_state> self) : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env);

 private:
  opened accept(const arrived_open& arrived);

  circuit_actor::stateful_pointer<ping_answerer_state> self_;
  environment_ptr env_;
  transfer_id id_;
  event::circuit_mark of_;
  circuit_id circuit_ = 0;
};

} // namespace hublink
