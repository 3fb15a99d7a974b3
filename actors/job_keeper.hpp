#pragma once
/// Runs the jobs of this node's transfers: a few at once, those of one file ID in order, each at least once.
/// How one ended is in the journal before anybody hears of it.
///
/// due (with the outcome, in one transaction) → waiting → running → reported. A node that stopped in between
/// runs it again when it starts.
#include "actors/actors.hpp"
#include "actors/answer.hpp"

#include <list>

namespace hublink {

class job_keeper_state {
 public:
  /// Only the runner tells of ends.
  using actor_type = job_keeper_actor::extend<caf::reacts_to<job_ended>>;
  static inline const char* name = "job_keeper";

  explicit job_keeper_state(actor_type::stateful_pointer<job_keeper_state> self) : self_(self) {}
  actor_type::behavior_type start(environment_ptr env, journal_actor journal);

 private:
  struct kept_job {
    std::uint64_t number = 0; ///< 0: waits
    job_kind kind = job_kind::pre_send;
    transfer_record record;
    std::int64_t started_ms = 0;
    std::vector<answer_to<job_report>> askers;
  };

  void take_up_due();
  kept_job& find_or_add(job_kind kind, const transfer_record& record);
  void start_next();
  bool may_start(const kept_job& job) const;
  void begin(kept_job& job);
  void take(const job_ended& end);
  void report(kept_job job, job_report how);

  actor_type::stateful_pointer<job_keeper_state> self_;
  environment_ptr env_;
  journal_actor journal_;
  std::list<kept_job> jobs_; ///< in the order of asking
  std::uint64_t last_number_ = 0;
};

job_keeper_actor spawn_job_keeper(caf::actor_system& system, environment_ptr env, journal_actor journal);

} // namespace hublink
