#include "actors/transfer/job_keeper.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"

#include <algorithm>

namespace hublink {

namespace {

/// What a job is told of its transfer, as environment variables.
std::map<std::string, std::string> facts_of(const transfer_record& record, job_kind kind,
                                            const std::string& node) {
  std::string receivers;
  for (const auto& [name, state] : record.to) receivers += (receivers.empty() ? "" : ",") + name;
  return {{"HUBLINK_JOB", std::string{to_string(kind)}},
          {"HUBLINK_NODE", node},
          {"HUBLINK_TRANSFER", record.transfer},
          {"HUBLINK_FILE", record.file},
          {"HUBLINK_FROM", record.from},
          {"HUBLINK_TO", receivers},
          {"HUBLINK_STATE", std::string{to_string(record.state)}},
          {"HUBLINK_BYTES", std::to_string(record.bytes)},
          {"HUBLINK_DIGEST", record.digest},
          {"HUBLINK_REASON", record.reason ? to_string(*record.reason) : ""}};
}

/// Where jobs wait for each other.
std::string line_of(job_kind kind, const std::string& file) {
  return " " + std::string{to_string(kind)} + " " + file;
}

} // namespace

job_keeper_state::actor_type::behavior_type job_keeper_state::start(environment_ptr env,
                                                                    transfer_journal_actor journal) {
  env_ = std::move(env);
  journal_ = std::move(journal);
  return {
      [this](run_atom, job_kind kind, const transfer_record& record) -> caf::result<job_report> {
        auto& job = find_or_add(kind, record);
        auto promise = self_->make_response_promise<job_report>();
        job.askers.emplace_back(promise);
        start_next();
        return promise;
      },
      [this](recover_atom) { take_up_due(); },
      [this](const job_ended& end) { take(end); },
  };
}

void job_keeper_state::take_up_due() {
  transfer_query due;
  due.job_due = true;
  due.limit = 1'000'000;
  self_->request(journal_, caf::infinite, due)
      .then(
          [this](std::vector<transfer_record>& found) {
            std::reverse(found.begin(), found.end()); // the oldest first
            for (const auto& record : found) find_or_add(*record.job_due, record);
            start_next();
          },
          note_lost(env_, "jobs that are due since before this start are not taken up"));
}

job_keeper_state::kept_job& job_keeper_state::find_or_add(job_kind kind, const transfer_record& record) {
  auto key = storage_name(key_of(record)) + line_of(kind, {});
  auto [found, added] = jobs_.try_emplace(key);
  if (!added) return found->second;
  found->second = {kind, record};
  queue_.add(line_of(kind, record.file), 0, key);
  return found->second;
}

void job_keeper_state::start_next() {
  while (running_.size() < env_->jobs.at_once && queue_.first()) start_run(queue_.take());
}

// Who asks may have read the journal before the last run's report was in it.
void job_keeper_state::start_run(const std::string& key) {
  const auto number = ++last_number_;
  running_.emplace(number, key);
  const auto& job = jobs_.at(key);
  if (job.kind == job_kind::pre_send) return begin(number);
  transfer_query of_it;
  of_it.transfer = job.record.transfer;
  self_->request(journal_, caf::infinite, of_it)
      .then(
          [this, number](const std::vector<transfer_record>& found) {
            const auto& job = jobs_.at(running_.at(number));
            auto* kept = find_record(found, key_of(job.record), side_of(job.kind));
            auto* report = kept && kept->job_due != job.kind ? find_report(*kept, job.kind) : nullptr;
            if (!report) return begin(number);
            tell(make_way(number), *report);
          },
          [this, number](const caf::error& no) {
            log_lost(*env_, "whether a job has run before can't be read, so it runs",
                     to_failure(no, env_->self->node), jobs_.at(running_.at(number)).record.transfer);
            begin(number);
          });
}

void job_keeper_state::begin(std::uint64_t number) {
  auto& job = jobs_.at(running_.at(number));
  job.started_ms = now_ms(*env_);
  job.work = env_->work->go_on();
  auto* defined = env_->jobs.find(job.record.file, job.kind);
  if (!defined || !env_->runner) // the configuration changed since it became due
    return self_->send(self_, job_ended{number, {false, "is no longer configured"}, {}});
  env_->runner->run({number, *defined, facts_of(job.record, job.kind, env_->self->node), job.record.path},
                    weak_owner<job_owner>{self_});
}

std::string job_keeper_state::make_way(std::uint64_t number) {
  auto key = std::move(running_.extract(number).mapped());
  const auto& job = jobs_.at(key);
  queue_.release(line_of(job.kind, job.record.file));
  start_next();
  return key;
}

void job_keeper_state::take(const job_ended& end) {
  if (!running_.count(end.number)) return;
  const auto key = make_way(end.number);
  const auto& job = jobs_.at(key);
  job_report how{job.kind, env_->self->node, end.result, end.output, job.started_ms, now_ms(*env_)};
  event::job what{job.record.file, std::string{to_string(job.kind)}, how.result.good ? "done" : "failed", {}};
  if (!how.result.text.empty()) what.reason = how.result.text;
  what.began_ms = how.started_ms;
  env_->events.write(job.record.transfer, what);
  report(key, how);
}

// A sender writes down itself what came before its first attempt.
void job_keeper_state::report(const std::string& key, const job_report& how) {
  const auto& job = jobs_.at(key);
  if (job.kind == job_kind::pre_send) return tell(key, how);
  self_->request(journal_, caf::infinite, save_atom_v, key_of(job.record), how)
      .then([this, key, how] { tell(key, how); },
            [this, key](const caf::error& no) {
              auto over = std::move(jobs_.extract(key).mapped());
              for (auto& each : over.askers) each.fail(to_failure(no, env_->self->node));
            });
}

void job_keeper_state::tell(const std::string& key, const job_report& how) {
  auto over = std::move(jobs_.extract(key).mapped());
  for (auto& each : over.askers) each.deliver(how);
}

} // namespace hublink
