#pragma once
/// One circuit through a server: opens the next hop, then lets the asker attach, reports the end.
#include "actors/base/answer_promise.hpp"
#include "actors/base/failures.hpp"
#include "actors/circuit/far_side.hpp"

namespace hublink {

class relay_state {
 public:
  static inline const char* name = "relay";

  explicit relay_state(circuit_actor::stateful_pointer<relay_state> self) : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, leg_services services);

 private:
  using leg = far_leg<circuit_actor::stateful_pointer<relay_state>>;

  void begin(const open& told);
  void carry(const leg::ready& far);
  void conclude(const ended& what);
  void stop(const failure& why);

  circuit_actor::stateful_pointer<relay_state> self_;
  environment_ptr env_;
  std::optional<leg> far_;
  open told_;
  answer_to<opened> reply_;
  circuit_id circuit_ = 0; ///< 0 until the far side is attached
  std::chrono::steady_clock::time_point began_;
};

circuit_actor spawn_relay(caf::actor_system& system, environment_ptr env, leg_services services);

} // namespace hublink
