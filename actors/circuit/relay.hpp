#pragma once
/// One circuit through a server: opens the next hop, then lets the asker attach, reports the end.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/circuit_origin.hpp"

namespace hublink {

class relay_state {
 public:
  using actor_type = circuit_actor;
  static inline const char* name = "relay";

  explicit relay_state(circuit_actor::stateful_pointer<relay_state> self) : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using origin = circuit_origin<circuit_actor, relay_state>;

  void begin(const arrived_open& arrived);
  void note_wait(const open& request, const failure& why);
  void carry(const origin::ready& far);
  void conclude(const ended& what);
  void stop(const failure& why);

  circuit_actor::stateful_pointer<relay_state> self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  bool times_hops_ = false;
  std::string asker_; ///< the neighbour
  answer_promise<opened> reply_;
  std::chrono::steady_clock::time_point began_;
};

} // namespace hublink
