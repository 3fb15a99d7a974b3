#pragma once
/// Runs the jobs of this node's transfers: a few at once, those of one file ID in order, each at least once.
/// How one ended is in the journal before anybody hears of it.
///
/// due (with the outcome, in one transaction) → waiting → looked up → running → its report written down. A node
/// that stopped in between runs it again when it starts. Whoever asks on the way joins the same run.
#include "actors/base/answer_promise.hpp"
#include "actors/base/current_work.hpp"
#include "actors/ports/environment.hpp"
#include "actors/ports/job_runner.hpp"
#include "actors/transfer/send_queue.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <map>

namespace hublink {

class job_keeper_state {
 public:
  /// Only the runner tells of ends.
  using actor_type = job_keeper_actor::extend<caf::reacts_to<job_ended>>;
  static inline const char* name = "job_keeper";

  explicit job_keeper_state(actor_type::stateful_pointer<job_keeper_state> self) : self_(self) {}
  actor_type::behavior_type start(environment_ptr env, transfer_journal_actor journal);

 private:
  struct kept_job {
    job_kind kind = job_kind::pre_send;
    transfer_record record;
    std::int64_t started_ms = 0;
    std::vector<answer_promise<job_report>> askers{};
    current_work::piece work{}; ///< while it runs
  };

  void take_up_due();
  kept_job& find_or_add(job_kind kind, const transfer_record& record);
  void start_next();
  /// Begins it, unless the journal has its report.
  void start_run(const std::string& key);
  void begin(std::uint64_t number);
  void take(const job_ended& end);
  /// That run takes no place any more; gives its key.
  std::string make_way(std::uint64_t number);
  void report(const std::string& key, const job_report& how);
  void tell(const std::string& key, const job_report& how);

  actor_type::stateful_pointer<job_keeper_state> self_;
  environment_ptr env_;
  transfer_journal_actor journal_;
  std::map<std::string, kept_job> jobs_;         ///< by transfer and kind, until its report is kept
  send_queue queue_;                             ///< of keys; a line for each kind and file ID
  std::map<std::uint64_t, std::string> running_; ///< number → key
  std::uint64_t last_number_ = 0;
};

} // namespace hublink
