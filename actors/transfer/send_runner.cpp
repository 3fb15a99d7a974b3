#include "actors/transfer/send_runner.hpp"
#include "actors/base/spawn.hpp"
#include "actors/ports/ids.hpp"
#include "actors/transfer/retry.hpp"
#include "actors/transfer/sender.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

send_runner::send_runner(dispatcher_actor::pointer self, environment_ptr env, hop_services hops,
                         transfer_journal_actor journal, job_keeper_actor jobs, book records)
    : self_(self), env_(std::move(env)), hops_(std::move(hops)), journal_(std::move(journal)),
      jobs_(std::move(jobs)), records_(std::move(records)) {}

send_runner::~send_runner() {
  for (const auto& [id, running] : running_)
    caf::anon_send_exit(running.sender, caf::exit_reason::user_shutdown);
}

receiver_lanes::time send_runner::now() const { return self_->clock().now(); }

transfer_policy send_runner::policy_of(const std::string& file) const {
  auto self = env_->self.now();
  auto found = self->sends.find(file);
  return found == self->sends.end() ? transfer_policy{} : found->second.policy;
}

waiting_send send_runner::place_of(const transfer_record& record) const {
  const auto policy = policy_of(record.file);
  waiting_send place;
  place.transfer = record.transfer;
  place.file = record.file;
  // A broadcast's way is that to its point: it does not fail with one receiver.
  place.lane = record.to.size() == 1 ? record.to.begin()->first : "file " + record.file;
  place.priority = policy.priority;
  place.tried = record.broken_in_a_row > 0;
  place.pause = std::chrono::seconds{policy.retry.every_s};
  if (policy.retry.count == 0) place.pause = record.pause;
  place.outlasts = failures_outlasted(policy.retry, record.broken_in_a_row, record.source.has_value());
  return place;
}

void send_runner::add(const transfer_record& record) { lanes_.add(place_of(record), now()); }

void send_runner::remove(const transfer_id& transfer) { lanes_.remove(transfer); }

void send_runner::start_next() {
  const auto begun = env_->work->begin();
  if (held_ || !begun) return;
  const auto places = std::size_t(env_->self->limits.transfers);
  lanes_.set_places(places);
  while (taken_places() < places) {
    auto next = lanes_.next(now());
    if (!next) break;
    start(*next);
  }
  if (auto first = lanes_.best_waiting(); first && taken_places() >= places) make_way_for(records_(*first));
  wait_for_probe();
}

void send_runner::wait_for_probe() {
  auto at = lanes_.next_probe();
  if (!at || (probe_at_ && *probe_at_ <= *at)) return;
  probe_at_ = at;
  self_->scheduled_send(dispatcher_actor{self_}, *at, resume_atom_v);
}

void send_runner::probe() {
  probe_at_.reset();
  start_next();
}

void send_runner::wake(const transfer_record& record) {
  lanes_.wake(place_of(record).lane, now());
  start_next();
}

void send_runner::wake_all() {
  lanes_.wake_all(now());
  start_next();
}

void send_runner::wake_for(const transfer_id& transfer) {
  lanes_.wake_for(transfer, now());
  start_next();
}

void send_runner::hold(bool on) {
  held_ = on;
  start_next();
}

void send_runner::start(const transfer_id& transfer) {
  auto& record = records_(transfer);
  record.broken_in_a_row += lanes_.start(transfer, now());
  running_send how;
  how.priority = policy_of(record.file).priority;
  self_->send(begin(transfer, how), start_atom_v);
}

const sender_actor& send_runner::begin(const transfer_id& transfer, running_send how) {
  how.sender = spawn<sender_state>(self_->system(), env_,
                                   sender_services{hops_, journal_, dispatcher_actor{self_}, jobs_},
                                   records_(transfer));
  self_->monitor(how.sender);
  how.work = env_->work->go_on();
  return running_.emplace(transfer, std::move(how)).first->second.sender;
}

void send_runner::give_up(const std::vector<transfer_id>& ended, const failure& last) {
  for (const auto& transfer : ended) {
    running_send how;
    how.gives_up = true;
    self_->send(begin(transfer, how), give_up_atom_v, last);
  }
}

// One that waits and may preempt suspends the least important one that runs, at its next checkpoint.
void send_runner::make_way_for(const transfer_record& waiting) {
  const auto policy = policy_of(waiting.file);
  if (!policy.preempt) return;
  bool already_leaving = std::any_of(running_.begin(), running_.end(),
                                     [](const auto& running) { return running.second.suspending; });
  if (already_leaving) return;
  auto least = std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
    return a.second.priority < b.second.priority;
  });
  if (least->second.priority >= policy.priority) return;
  least->second.suspending = true;
  self_->send(least->second.sender, suspend_atom_v);
}

void send_runner::show_life(const transfer_id& transfer) {
  if (auto running = running_.find(transfer); running != running_.end()) running->second.alive = true;
  if (lanes_.show_life(transfer)) start_next();
}

void send_runner::rest(const transfer_id& transfer, bool rests) {
  if (lanes_.rest(transfer, rests) && rests) start_next();
}

bool send_runner::cancel(const transfer_id& transfer) {
  auto running = running_.find(transfer);
  if (running == running_.end()) return false;
  running->second.cancelling = true;
  self_->send(running->second.sender, cancel_atom_v);
  return true;
}

bool send_runner::limit(const transfer_id& transfer, std::uint64_t rate) {
  auto running = running_.find(transfer);
  if (running == running_.end()) return false;
  self_->send(running->second.sender, rate_atom_v, rate);
  return true;
}

std::optional<send_runner::ended> send_runner::take_ended(const caf::down_msg& down) {
  auto over = std::find_if(running_.begin(), running_.end(), [&](const auto& running) {
    return running.second.sender.address() == down.source;
  });
  if (over == running_.end()) return {};
  ended ran{over->first, over->second.cancelling, over->second.alive, over->second.gives_up};
  running_.erase(over);
  return ran;
}

bool send_runner::leave(const ended& ran, const transfer_record& record, bool goes_on) {
  using how = receiver_lanes::how_it_ended;
  if (ran.gave_up) return false;
  if (record.state == transfer_state::done || record.state == transfer_state::spooled) {
    lanes_.end(record.transfer, how::well, now());
  } else if (ran.alive || record.cancel_wanted || !record.reason || !puts_in_doubt(*record.reason)) {
    lanes_.end(record.transfer, how::otherwise, now());
  } else {
    std::optional<waiting_send> again;
    if (goes_on) again = place_of(record);
    give_up(lanes_.end(record.transfer, how::on_the_way, now(), again), *record.reason);
  }
  return lanes_.is_waiting(record.transfer);
}

} // namespace hublink
