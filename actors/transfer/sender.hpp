#pragma once
/// The sending end of one transfer: one attempt, from the journal's `running` to its outcome, or to the pause
/// before the next one.
#include "actors/circuit/circuit_origin.hpp"
#include "actors/transfer/recipient_book.hpp"
#include "actors/transfer/transfer_interface.hpp"
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

struct sender_services {
  hop_services hops;
  transfer_journal_actor journal;
  dispatcher_actor dispatcher;
  job_keeper_actor jobs;
};

class sender_state {
 public:
  using actor_type = sender_actor;
  static inline const char* name = "sender";

  explicit sender_state(sender_actor::stateful_pointer<sender_state> self) : self_(self) {}
  sender_actor::behavior_type start(environment_ptr env, sender_services services, transfer_record record);

 private:
  using origin = circuit_origin<sender_actor, sender_state>;

  void prepare();
  void start_attempt();
  bool take_definition();
  void give_up(failure why);
  void make_circuit();
  void run(const origin::ready& far);
  void decide(const consulted& asked);
  void name_generation(circuit_id circuit, const file_facts& found);
  void note_all_sent(circuit_id circuit, const std::string& digest);
  void note_job(circuit_id circuit, const job_result& how);
  bool is_broadcast() const { return is_sealed_for_all(definition_); }
  void note_results(const std::vector<receiver_result>& results);
  void save_results();
  void stop_others(const receiver_result& failed);
  bool has_every_result() const;
  void settle_results(failure why);
  void note_progress(const transfer_progress& now);
  void look_whether_it_rests();
  void tell_rest(bool rests);
  void conclude(const ended& what);
  void settle(failure why);
  void pause(std::chrono::milliseconds length, failure why);
  void finish(transfer_state state, std::optional<failure> why);
  std::optional<std::chrono::milliseconds> pause_after(const failure& why, int in_a_row) const;
  transfer_state state_after(const failure& why) const;
  void save(std::function<void()> then);
  void not_saved(const caf::error& no);

  sender_actor::stateful_pointer<sender_state> self_;
  environment_ptr env_;
  sender_services services_;
  send_definition definition_;
  transfer_record record_;
  std::optional<origin> origin_;
  std::string open_id_;
  bool came_further_ = false; ///< the receiver made a checkpoint in this attempt
  bool suspending_ = false;
  transfer_progress last_, looked_at_; ///< told last; at the last look
  bool rests_ = false;
  recipient_book recipients_; ///< of a broadcast
  bool saving_results_ = false;
};

} // namespace hublink
