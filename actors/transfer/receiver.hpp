#pragma once
/// The receiving end of one attempt: the definition decides, the journal remembers, the plane does.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"
#include "actors/transfer/transfer_interface.hpp"

namespace hublink {

class receiver_state {
 public:
  /// While a job runs, it gives signs of life.
  using actor_type = circuit_actor::extend<caf::reacts_to<caf::tick_atom>>;
  static inline const char* name = "receiver";

  explicit receiver_state(actor_type::stateful_pointer<receiver_state> self) : self_(self) {}
  ~receiver_state(); ///< another one's turn
  actor_type::behavior_type start(environment_ptr env, transfer_journal_actor journal, job_keeper_actor jobs);

 private:
  void begin(const arrived_open& arrived);
  void run();
  void decide(const consult_owner& asked);
  void take_turn(const transfer_offer& offer);
  void take_up(decision::welcome& wanted);
  void admit();
  void write_publication(const question::publishing& asked);
  void note_checkpoint(const checkpoint& safe);
  void commit();
  bool has_job(bool to_wait_for) const;
  void find_job(decision::already_done answer);
  void hold_for_job(const transfer_record& record);
  void give_sign();
  void answer_again();
  void resume_after(const caf::error& no);
  void conclude(const ended& what);
  void leave();
  void stop(const failure& why);

  actor_type::stateful_pointer<receiver_state> self_;
  environment_ptr env_;
  transfer_journal_actor journal_;
  job_keeper_actor jobs_;
  receive_definition definition_;
  open request_;
  circuit_id circuit_ = 0;
  std::optional<transfer_offer> offer_; ///< once it is this attempt's turn
  caf::strong_actor_ptr before_;        ///< an earlier attempt, until it has ended
  bool leaving_ = false;
  transfer_record record_; ///< `transfer` is empty until the offer was admitted
  std::chrono::system_clock::time_point publishing_since_{};
  bool published_ = false;
  bool holding_ = false; ///< the answer, until the job has ended
  std::optional<job_result> job_ended_;
  std::optional<decision::already_done> stored_; ///< of an earlier attempt: to be answered again
};

} // namespace hublink
