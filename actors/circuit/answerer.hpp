#pragma once
/// The end point of a circuit whose end needs nothing but the plane: lets the asker attach, and sets the end
/// going.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"

namespace hublink {

class answerer_state {
 public:
  using actor_type = circuit_actor;
  static inline const char* name = "answerer";
  /// Sets the end of an attached circuit going.
  using end_starter = void(environment& env, circuit_id circuit);

  explicit answerer_state(circuit_actor::stateful_pointer<answerer_state> self) : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, end_starter* run);

 private:
  opened accept(const arrived_open& arrived);

  circuit_actor::stateful_pointer<answerer_state> self_;
  environment_ptr env_;
  transfer_id id_;
  event::circuit_mark of_;
  circuit_id circuit_ = 0;
};

} // namespace hublink
