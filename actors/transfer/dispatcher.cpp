#include "actors/transfer/dispatcher.hpp"
#include "actors/base/spawn.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/retry.hpp"
#include "actors/transfer/sender.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds tell_results_after{200};

} // namespace

dispatcher_state::~dispatcher_state() {
  for (const auto& [id, running] : running_)
    caf::anon_send_exit(running.sender, caf::exit_reason::user_shutdown);
}

dispatcher_actor::behavior_type dispatcher_state::start(environment_ptr env, hop_services hops,
                                                        transfer_journal_actor journal,
                                                        job_keeper_actor jobs) {
  env_ = std::move(env);
  hops_ = std::move(hops);
  journal_ = std::move(journal);
  jobs_ = std::move(jobs);
  requests_.emplace(self_, env_, journal_, static_cast<send_queueing&>(*this));
  self_->set_down_handler([this](caf::down_msg& down) { sender_ended(down); });
  return {
      [this](recover_atom) { recover(); },
      [this](send_atom, const std::string& file) -> caf::result<transfer_record> {
        auto record = prepare(file);
        if (!record) return to_error(record.error());
        auto reply = self_->make_response_promise<transfer_record>();
        auto answer = std::make_shared<answer_promise<transfer_record>>(reply);
        self_->request(journal_, caf::infinite, enqueue_atom_v, *record)
            .then(
                [this, answer](const transfer_record& kept) {
                  enqueue(kept);
                  answer->deliver(kept);
                },
                failing(answer, env_->self->node));
        return reply;
      },
      [this](watch_atom, const transfer_id& transfer, const watcher_actor& watcher) {
        return watch(transfer, watcher);
      },
      [this](rate_atom, const transfer_id& transfer, std::uint64_t rate) { return limit(transfer, rate); },
      [this](const transfer_record& record) { changed(record); },
      [this](const receiver_changes& what) { changed(what); },
      [this](watch_atom, const transfer_id& transfer) {
        auto found = active_.find(transfer);
        if (found == active_.end()) return;
        found->second.telling = false;
        tell_watchers(found->second);
      },
      [this](cancel_atom, const transfer_id& transfer) { return cancel(transfer); },
      [this](retry_atom, const transfer_id& transfer) { return retry(transfer); },
      [this](hold_atom, bool on) { return hold(on); },
      [this](hold_atom) { return held_; },
      [this](request_atom, const send_request& asked) { return requests_->serve(asked); },
      [this](define_atom) { start_next(); },
      [this](resume_atom, const transfer_id& transfer) {
        auto found = active_.find(transfer);
        if (found == active_.end() || running_.count(transfer)) return;
        put_in_queue(found->second.record);
        start_next();
      },
  };
}

void dispatcher_state::recover() {
  self_->request(journal_, caf::infinite, hold_atom_v)
      .then(
          [this](bool held) {
            held_ = held;
            take_up_unfinished();
          },
          [this](const caf::error& no) {
            log_lost(*env_, "whether sends are held is not known: they are not",
                     to_failure(no, env_->self->node));
            take_up_unfinished();
          });
}

caf::result<bool> dispatcher_state::hold(bool on) {
  auto answer = std::make_shared<answer_promise<bool>>(self_->make_response_promise<bool>());
  self_->request(journal_, caf::infinite, hold_atom_v, on)
      .then(
          [this, answer](bool held) {
            held_ = held;
            start_next();
            answer->deliver(held);
          },
          failing(answer, env_->self->node));
  return answer->promise();
}

// What was queued or running when the node stopped goes on with its next attempt: a journalled send is never
// forgotten, and one that is unconfirmed is asked for.
void dispatcher_state::take_up_unfinished() {
  transfer_query unfinished;
  unfinished.finished = false;
  unfinished.limit = 1'000'000;
  self_->request(journal_, caf::infinite, unfinished)
      .then(
          [this](std::vector<transfer_record>& records) {
            std::reverse(records.begin(), records.end()); // oldest first
            for (auto& record : records)
              if (record.side == transfer_side::sender && !active_.count(record.transfer))
                enqueue(std::move(record));
          },
          note_lost(env_, "sends that were unfinished before this start are not taken up"));
}

outcome<transfer_record> dispatcher_state::prepare(const std::string& file) const {
  auto self = env_->self.now();
  auto found = self->sends.find(file);
  if (found == self->sends.end())
    return failure{errc::unknown_file, self->node,
                   self->node + " has no send definition for " + file + "; define it under transfers"};
  auto facts = env_->files.probe(found->second.path);
  bool is_made = env_->jobs.find(file, job_kind::pre_send) != nullptr; // before the first attempt
  if (!facts && !is_made) {
    auto why = facts.error();
    why.hop = self->node;
    return why;
  }
  transfer_record record;
  record.transfer = make_transfer_id(*env_);
  record.file = file;
  record.from = self->node;
  for (const auto& name : found->second.recipients) record.to[name] = transfer_state::queued;
  if (facts) record.size = facts->size;
  record.path = found->second.path;
  record.started_ms = now_ms(*env_);
  return record;
}

void dispatcher_state::enqueue(transfer_record record) {
  record.state = transfer_state::queued;
  put_in_queue(record);
  active_[record.transfer].record = std::move(record);
  start_next();
}

void dispatcher_state::put_in_queue(const transfer_record& record) {
  queue_.add(record.file, priority_of(record.file), record.transfer);
}

int dispatcher_state::priority_of(const std::string& file) const {
  auto self = env_->self.now();
  auto found = self->sends.find(file);
  return found == self->sends.end() ? 0 : found->second.policy.priority;
}

void dispatcher_state::start_next() {
  while (auto* next = held_ ? nullptr : queue_.first()) {
    if (running_.size() >= std::size_t(env_->self->limits.transfers))
      return make_way_for(active_[*next].record);
    start(queue_.take());
  }
}

void dispatcher_state::start(const transfer_id& transfer) {
  const auto& record = active_[transfer].record;
  auto sender = spawn<sender_state>(self_->system(), env_,
                                    sender_services{hops_, journal_, dispatcher_actor{self_}, jobs_}, record);
  self_->monitor(sender);
  self_->send(sender, start_atom_v);
  running_.emplace(transfer, running_send{std::move(sender), record.file, priority_of(record.file)});
}

// One that waits and may preempt suspends the least important one that runs, at its next checkpoint.
void dispatcher_state::make_way_for(const transfer_record& waiting) {
  auto self = env_->self.now();
  auto wanted = self->sends.find(waiting.file);
  if (wanted == self->sends.end() || !wanted->second.policy.preempt) return;
  bool already_leaving = std::any_of(running_.begin(), running_.end(),
                                     [](const auto& running) { return running.second.suspending; });
  if (already_leaving) return;
  auto least = std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
    return a.second.priority < b.second.priority;
  });
  if (least->second.priority >= wanted->second.policy.priority) return;
  least->second.suspending = true;
  self_->send(least->second.sender, suspend_atom_v);
}

caf::result<transfer_record> dispatcher_state::cancel(const transfer_id& transfer) {
  auto found = active_.find(transfer);
  if (found == active_.end()) return cancel_stored(transfer);
  auto& record = found->second.record;
  record.cancel_wanted = true;
  if (auto running = running_.find(transfer); running != running_.end()) {
    running->second.cancelling = true;
    self_->send(running->second.sender, cancel_atom_v);
    return record;
  }
  queue_.remove(record.file, transfer);
  bool may_be_there = record.source.has_value();
  if (!may_be_there) {
    set_outcome(record, transfer_state::cancelled, now_ms(*env_),
                failure{errc::cancelled, env_->self->node, "cancelled before it was sent"});
    if (wants_post_send(env_->jobs, record)) record.job_due = job_kind::post_send;
  }
  auto answer =
      std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
  self_->request(journal_, caf::infinite, save_atom_v, record)
      .then(
          [this, answer, kept = record, may_be_there] {
            if (may_be_there) {
              enqueue(kept);
            } else {
              if (kept.job_due) caf::anon_send(jobs_, run_atom_v, *kept.job_due, kept);
              changed(kept);
              active_.erase(kept.transfer);
            }
            answer->deliver(kept);
          },
          failing(answer, env_->self->node));
  return answer->promise();
}

// The next attempt lets its receivers settle it, and the store drops it.
caf::result<transfer_record> dispatcher_state::cancel_stored(const transfer_id& transfer) {
  transfer_query query;
  query.transfer = transfer;
  auto answer =
      std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
  self_->request(journal_, caf::infinite, query)
      .then(
          [this, answer, transfer](const std::vector<transfer_record>& found) {
            for (const auto& stored : found) {
              if (stored.side != transfer_side::sender || stored.state != transfer_state::spooled) continue;
              auto record = reopened({stored}, env_->self->node);
              if (!record) return answer->fail(record.error());
              record->cancel_wanted = true;
              return take_up(*record, answer);
            }
            answer->fail({errc::failed, env_->self->node, transfer + " is neither queued nor running here"});
          },
          failing(answer, env_->self->node));
  return answer->promise();
}

caf::result<transfer_record> dispatcher_state::retry(const transfer_id& transfer) {
  if (active_.count(transfer))
    return to_error({errc::failed, env_->self->node, transfer + " is queued or running already"});
  transfer_query query;
  query.transfer = transfer;
  auto answer =
      std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
  self_->request(journal_, caf::infinite, query)
      .then(
          [this, answer](const std::vector<transfer_record>& found) {
            auto record = reopened(found, env_->self->node);
            if (!record) return answer->fail(record.error());
            take_up(*record, answer);
          },
          failing(answer, env_->self->node));
  return answer->promise();
}

const transfer_record* dispatcher_state::find_active(const transfer_id& transfer) const {
  auto found = active_.find(transfer);
  return found == active_.end() ? nullptr : &found->second.record;
}

void dispatcher_state::hasten(const transfer_id& transfer) {
  if (!running_.count(transfer)) self_->send(self_, resume_atom_v, transfer);
}

void dispatcher_state::take_up(const transfer_record& record, reply_of_record answer) {
  self_->request(journal_, caf::infinite, save_atom_v, record)
      .then(
          [this, answer, record] {
            enqueue(record);
            answer->deliver(record);
          },
          failing(answer, env_->self->node));
}

void dispatcher_state::changed(const transfer_record& record) {
  auto found = active_.find(record.transfer);
  if (found == active_.end()) return;
  found->second.record = record;
  tell_watchers(found->second);
}

// A record with ten thousand receivers is not copied for each of them.
void dispatcher_state::changed(const receiver_changes& what) {
  auto found = active_.find(what.transfer);
  if (found == active_.end()) return;
  apply(found->second.record, what);
  if (found->second.watchers.empty() || std::exchange(found->second.telling, true)) return;
  self_->delayed_send(self_, tell_results_after, watch_atom_v, what.transfer);
}

void dispatcher_state::tell_watchers(watched& of) {
  for (const auto& weak : of.watchers)
    if (auto watcher = weak.lock()) self_->send(caf::actor_cast<watcher_actor>(watcher), of.record);
}

bool dispatcher_state::watch(const transfer_id& transfer, const watcher_actor& watcher) {
  auto found = active_.find(transfer);
  if (found == active_.end()) return false;
  found->second.watchers.push_back(caf::actor_cast<caf::weak_actor_ptr>(watcher));
  self_->send(watcher, found->second.record);
  return true;
}

// The sender writes it down with its record; who has none yet, gets it with the record.
bool dispatcher_state::limit(const transfer_id& transfer, std::uint64_t rate) {
  auto found = active_.find(transfer);
  if (found == active_.end()) return false;
  found->second.record.rate = rate;
  if (auto running = running_.find(transfer); running != running_.end())
    self_->send(running->second.sender, rate_atom_v, rate);
  else
    self_->request(journal_, caf::infinite, save_atom_v, found->second.record)
        .then([] {}, note_lost(env_, "its rate is not written down", transfer));
  return true;
}

void dispatcher_state::sender_ended(const caf::down_msg& down) {
  auto over = std::find_if(running_.begin(), running_.end(), [&](const auto& running) {
    return running.second.sender.address() == down.source;
  });
  if (over == running_.end()) return;
  auto id = over->first;
  bool cancelled_late = over->second.cancelling && !active_[id].record.cancel_wanted;
  queue_.release(over->second.file);
  running_.erase(over);
  if (cancelled_late) active_[id].record.cancel_wanted = true;
  auto record = active_[id].record;
  if (record.state == transfer_state::queued && !down.reason) { // between two attempts
    self_->delayed_send(self_, record.pause, resume_atom_v, id);
    return start_next();
  }
  if (!is_final(record.state)) {
    // A sender that broke must not leave its transfer without an outcome.
    set_outcome(record, record.all_sent ? transfer_state::unconfirmed : transfer_state::failed, now_ms(*env_),
                failure{errc::failed, env_->self->node, "the sender ended unexpectedly"});
    self_->request(journal_, caf::infinite, save_atom_v, record)
        .then([] {}, note_lost(env_, "that its sender ended unexpectedly is not written down", id));
    changed(record);
  }
  active_.erase(id);
  if (cancelled_late && record.state == transfer_state::spooled) cancel_late(record);
  start_next();
}

// Its sender was ending when that was asked.
void dispatcher_state::cancel_late(const transfer_record& spooled) {
  auto record = reopened({spooled}, env_->self->node);
  if (!record) return log_lost(*env_, "it is not cancelled", record.error(), spooled.transfer);
  self_->request(journal_, caf::infinite, save_atom_v, *record)
      .then([this, record = *record] { enqueue(record); },
            note_lost(env_, "it is not cancelled", spooled.transfer));
}

} // namespace hublink
