#pragma once
/// The circuit over which a broadcast point tells a sender that it has words for it; the words themselves go
/// over the attempt that the sender makes then.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/far_side.hpp"

namespace hublink {

class recaller_state {
 public:
  static inline const char* name = "recaller";

  explicit recaller_state(recaller_actor::stateful_pointer<recaller_state> self) : self_(self) {}
  recaller_actor::behavior_type start(environment_ptr env, leg_services services);

 private:
  using leg = far_leg<recaller_actor::stateful_pointer<recaller_state>>;

  void run(const leg::ready& far);
  void take_answer(const consulted& told);
  void conclude(const outcome<>& result);

  recaller_actor::stateful_pointer<recaller_state> self_;
  environment_ptr env_;
  leg_services services_;
  std::optional<leg> far_;
  open request_;
  circuit_id circuit_ = 0;
  std::optional<transfer_record> there_;
  answer_to<transfer_record> reply_;
};

recaller_actor spawn_recaller(caf::actor_system& system, environment_ptr env, leg_services services);

} // namespace hublink
