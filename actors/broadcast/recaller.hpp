#pragma once
/// The circuit over which a broadcast point tells a sender that it has results for it; these themselves go
/// over the attempt that the sender makes then.
#include "actors/base/answer_promise.hpp"
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/circuit/circuit_origin.hpp"

namespace hublink {

class recaller_state {
 public:
  using actor_type = recaller_actor;
  static inline const char* name = "recaller";

  explicit recaller_state(recaller_actor::stateful_pointer<recaller_state> self) : self_(self) {}
  recaller_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  using origin = circuit_origin<recaller_actor, recaller_state>;

  void run(const origin::ready& far);
  void take_answer(const consulted& asked);
  void conclude(const outcome<>& result);

  recaller_actor::stateful_pointer<recaller_state> self_;
  environment_ptr env_;
  std::optional<origin> origin_;
  open request_;
  std::optional<transfer_record> there_;
  answer_promise<transfer_record> reply_;
};

} // namespace hublink
