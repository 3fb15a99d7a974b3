#pragma once
/// The receiving end of one attempt: the definition decides, the journal remembers, the plane does.
#include "actors/actors.hpp"
#include "actors/answer.hpp"

namespace hublink {

class receiver_state {
 public:
  static inline const char* name = "receiver";

  explicit receiver_state(circuit_actor::stateful_pointer<receiver_state> self) : self_(self) {}
  circuit_actor::behavior_type start(environment_ptr env, journal_actor journal);

 private:
  void begin(const open& told);
  void run();
  void decide(const consult_owner& question);
  void admit(const transfer_offer& offer);
  void write_publication(const consult_owner& question);
  void note_checkpoint(const consult_owner& what);
  void commit();
  void resume_after(const caf::error& no);
  void conclude(const ended& what);
  void stop(const failure& why);

  circuit_actor::stateful_pointer<receiver_state> self_;
  environment_ptr env_;
  journal_actor journal_;
  receive_definition definition_;
  open told_;
  circuit_id circuit_ = 0;
  transfer_record record_; ///< `transfer` is empty until the offer was admitted
  bool published_ = false;
};

circuit_actor spawn_receiver(caf::actor_system& system, environment_ptr env, journal_actor journal);

} // namespace hublink
