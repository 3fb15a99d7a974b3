#pragma once
/// Both ends of a ping: the origin, which opens a circuit and lets it end at once, and the end point that
/// answers.
#include "actors/base/answer_promise.hpp"
#include "actors/base/failures.hpp"
#include "actors/circuit/far_side.hpp"

namespace hublink {

class pinger_state {
 public:
  static inline const char* name = "pinger";

  explicit pinger_state(ping_actor::stateful_pointer<pinger_state> self) : self_(self) {}
  ping_actor::behavior_type start(environment_ptr env, leg_services services);

 private:
  using leg = far_leg<ping_actor::stateful_pointer<pinger_state>>;

  void ask(const std::string& host);
  void conclude(const ended& what);

  ping_actor::stateful_pointer<pinger_state> self_;
  environment_ptr env_;
  std::optional<leg> far_;
  answer_to<ping_report> reply_;
  ping_report report_;
  transfer_id id_;
  circuit_id circuit_ = 0;
};

ping_actor spawn_pinger(caf::actor_system& system, environment_ptr env, leg_services services);

/// Answers a ping at its end point.
circuit_actor spawn_ping_end(caf::actor_system& system, environment_ptr env);

} // namespace hublink
