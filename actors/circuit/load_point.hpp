#pragma once
/// A node on the way of a ping with `--rate`: takes the load of the line to it, then has the lines behind it
/// loaded, and says what all of them are like.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/circuit/load_slot.hpp"

namespace hublink {

class load_point_state {
 public:
  using actor_type = load_point_actor;
  static inline const char* name = "load_point";

  explicit load_point_state(load_point_actor::stateful_pointer<load_point_state> self) : self_(self) {}
  load_point_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  caf::result<opened> accept(const arrived_open& arrived);
  void consult(const consulted& asked);
  void go_on(circuit_id circuit, std::chrono::milliseconds time);
  void answer(circuit_id circuit, verdict what);
  void end_within(std::chrono::milliseconds time);

  load_point_actor::stateful_pointer<load_point_state> self_;
  environment_ptr env_;
  std::optional<hop_services> services_;
  arrived_open arrived_;
  std::shared_ptr<load_slot::claim> slot_;
  circuit_id circuit_ = 0;
  std::chrono::steady_clock::time_point until_{};
};

} // namespace hublink
