#pragma once
/// The origin of a ping: opens a circuit and lets it end at once.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/circuit/circuit_origin.hpp"

namespace hublink {

class pinger_state {
 public:
  using actor_type = ping_actor;
  static inline const char* name = "pinger";

  explicit pinger_state(ping_actor::stateful_pointer<pinger_state> self) : self_(self) {}
  ping_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using origin = circuit_origin<ping_actor, pinger_state>;

  void ask(const std::string& host);
  void conclude(const ended& what);

  ping_actor::stateful_pointer<pinger_state> self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  answer_promise<ping_report> reply_;
  ping_report report_;
};

} // namespace hublink
