#include "actors/transfer/dispatcher.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds tell_results_after{200};
constexpr std::chrono::seconds longest_look{5};

} // namespace

dispatcher_actor::behavior_type dispatcher_state::start(environment_ptr env, hop_services hops,
                                                        transfer_journal_actor journal,
                                                        job_keeper_actor jobs) {
  env_ = std::move(env);
  journal_ = std::move(journal);
  jobs_ = std::move(jobs);
  runner_.emplace(
      self_, env_, hops, journal_, jobs_,
      [this](const transfer_id& transfer) -> transfer_record& { return active_[transfer].record; });
  requests_.emplace(self_, env_, journal_, static_cast<send_queueing&>(*this));
  self_->set_down_handler([this](caf::down_msg& down) { sender_ended(down); });
  return {
      [this](recover_atom) { recover(); },
      [this](send_atom, const std::string& file) -> caf::result<transfer_record> {
        auto reply = self_->make_response_promise<transfer_record>();
        auto answer = std::make_shared<answer_promise<transfer_record>>(reply);
        prepare(file, [this, answer](outcome<transfer_record> record) {
          if (!record) return answer->fail(record.error());
          self_->request(journal_, caf::infinite, enqueue_atom_v, *record)
              .then(
                  [this, answer](const transfer_record& kept) {
                    enqueue(kept);
                    answer->deliver(kept);
                  },
                  failing(answer, env_->self->node));
        });
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
      [this](hold_atom) { return runner_->is_held(); },
      [this](request_atom, const send_request& asked) { return requests_->serve(asked); },
      [this](define_atom) { runner_->start_next(); },
      [this](beat_atom, const transfer_id& transfer) { runner_->show_life(transfer); },
      [this](beat_atom, const transfer_id& transfer, bool rests) { runner_->rest(transfer, rests); },
      [this](const done_aside& what) { disks_.answer(what); },
      [this](resume_atom, const transfer_id& transfer) {
        auto found = active_.find(transfer);
        if (found == active_.end() || runner_->is_running(transfer)) return;
        const auto& record = found->second.record;
        // Of a disk that did not answer nothing is tried before it does; a cancellation needs none.
        if (!record.cancel_wanted && record.reason && record.reason->code == errc::timed_out &&
            record.reason->by == evidence::own)
          return wait_for_disk(transfer, record.path);
        runner_->add(record);
        runner_->start_next();
      },
      [this](resume_atom) { runner_->probe(); },
      [this](neighbour_atom, const std::string&) { runner_->wake_all(); },
      [this](returned_atom, const transfer_id& transfer) { runner_->wake_for(transfer); },
  };
}

void dispatcher_state::recover() {
  self_->request(journal_, caf::infinite, hold_atom_v)
      .then(
          [this](bool held) {
            runner_->hold(held);
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
            runner_->hold(held);
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

// A source whose disk does not answer is queued all the same, and waits for that before it takes a place.
void dispatcher_state::prepare(const std::string& file, std::function<void(outcome<transfer_record>)> then) {
  auto self = env_->self.now();
  auto found = self->sends.find(file);
  if (found == self->sends.end())
    return then(failure{errc::unknown_file, self->node,
                        self->node + " has no send definition for " + file + "; define it under transfers"});
  const auto& path = found->second.path;
  disks_.ask(
      self_, env_->files, path, "look for a source", longest_look,
      [&files = env_->files, path] { return files.probe(path); },
      [this, file, then = std::move(then)](const std::optional<outcome<file_facts>>& facts) {
        then(prepared(file, facts));
      });
}

outcome<transfer_record> dispatcher_state::prepared(const std::string& file,
                                                    const std::optional<outcome<file_facts>>& facts) {
  auto self = env_->self.now();
  auto found = self->sends.find(file);
  if (found == self->sends.end())
    return failure{errc::unknown_file, self->node, file + " is not defined here any more"};
  bool is_made = env_->jobs.find(file, job_kind::pre_send) != nullptr; // before the first attempt
  if (facts && !*facts && !is_made) {
    auto why = facts->error();
    why.hop = self->node;
    return why;
  }
  transfer_record record;
  record.transfer = make_transfer_id(*env_);
  record.file = file;
  record.from = self->node;
  for (const auto& name : found->second.recipients) record.to[name] = transfer_state::queued;
  if (facts && *facts) record.size = (*facts)->size;
  record.path = found->second.path;
  if (!facts) {
    record.reason =
        failure{errc::timed_out, self->node, "the disk that holds " + record.path + " does not answer"};
    unseen_.insert(record.transfer);
  }
  record.started_ms = now_ms(*env_);
  return record;
}

void dispatcher_state::enqueue(transfer_record record) {
  record.state = transfer_state::queued;
  if (unseen_.erase(record.transfer) > 0)
    wait_for_disk(record.transfer, record.path);
  else
    runner_->add(record);
  active_[record.transfer].record = std::move(record);
  runner_->start_next();
}

void dispatcher_state::wait_for_disk(const transfer_id& transfer, const std::string& path) {
  disks_.ask(
      self_, env_->files, path, "look for a source", disk_desk::no_limit,
      [&files = env_->files, path] { return files.probe(path); },
      [this, transfer](const std::optional<outcome<file_facts>>&) {
        auto found = active_.find(transfer);
        if (found == active_.end() || runner_->is_running(transfer)) return;
        runner_->add(found->second.record);
        runner_->start_next();
      });
}

caf::result<transfer_record> dispatcher_state::cancel(const transfer_id& transfer) {
  auto found = active_.find(transfer);
  if (found == active_.end()) return cancel_stored(transfer);
  auto& record = found->second.record;
  record.cancel_wanted = true;
  if (runner_->cancel(transfer)) return record;
  runner_->remove(transfer);
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
  return with_journaled(transfer, [this, transfer](const records& found, const reply_of_record& answer) {
    for (const auto& stored : found) {
      if (stored.side != transfer_side::sender || stored.state != transfer_state::spooled) continue;
      auto record = reopened({stored}, env_->self->node);
      if (!record) return answer->fail(record.error());
      record->cancel_wanted = true;
      return take_up(*record, answer);
    }
    answer->fail({errc::failed, env_->self->node, transfer + " is neither queued nor running here"});
  });
}

caf::result<transfer_record> dispatcher_state::retry(const transfer_id& transfer) {
  if (active_.count(transfer))
    return to_error({errc::failed, env_->self->node, transfer + " is queued or running already"});
  return with_journaled(transfer, [this](const records& found, const reply_of_record& answer) {
    auto record = reopened(found, env_->self->node);
    if (!record) return answer->fail(record.error());
    take_up(*record, answer);
  });
}

caf::result<transfer_record> dispatcher_state::with_journaled(const transfer_id& transfer,
                                                              journaled_handler then) {
  transfer_query query;
  query.transfer = transfer;
  auto answer =
      std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
  self_->request(journal_, caf::infinite, query)
      .then([answer, then](const records& found) { then(found, answer); }, failing(answer, env_->self->node));
  return answer->promise();
}

const transfer_record* dispatcher_state::find_active(const transfer_id& transfer) const {
  auto found = active_.find(transfer);
  return found == active_.end() ? nullptr : &found->second.record;
}

void dispatcher_state::hasten(const transfer_id& transfer) {
  auto found = active_.find(transfer);
  if (found == active_.end() || runner_->is_running(transfer)) return;
  runner_->wake(found->second.record);
  self_->send(self_, resume_atom_v, transfer);
}

// The journal was read before: meanwhile somebody else may have taken it up, and until it is written down
// somebody may cancel it.
void dispatcher_state::take_up(const transfer_record& record, reply_of_record answer) {
  auto [place, is_first] = active_.try_emplace(record.transfer);
  if (!is_first)
    return answer->fail(
        {errc::busy, env_->self->node, record.transfer + " has just been taken up; see hublink transfers"});
  place->second.record = record;
  self_->request(journal_, caf::infinite, save_atom_v, record)
      .then(
          [this, answer, record] {
            auto* active = find_active(record.transfer);
            if (active && !is_final(active->state)) enqueue(*active);
            answer->deliver(record);
          },
          [this, answer, transfer = record.transfer](const caf::error& no) {
            if (!runner_->is_running(transfer)) {
              runner_->remove(transfer);
              active_.erase(transfer);
            }
            answer->fail(to_failure(no, env_->self->node));
          });
}

void dispatcher_state::changed(const transfer_record& record) {
  auto found = active_.find(record.transfer);
  if (found == active_.end()) return;
  found->second.record = record;
  if (record.state == transfer_state::running && record.bytes > 0) runner_->show_life(record.transfer);
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
  if (!runner_->limit(transfer, rate))
    self_->request(journal_, caf::infinite, save_atom_v, found->second.record)
        .then([] {}, note_lost(env_, "its rate is not written down", transfer));
  return true;
}

void dispatcher_state::sender_ended(const caf::down_msg& down) {
  auto ran = runner_->take_ended(down);
  if (!ran) return;
  const auto& id = ran->transfer;
  bool cancelled_late = ran->cancelled && !active_[id].record.cancel_wanted;
  if (cancelled_late) active_[id].record.cancel_wanted = true;
  auto record = active_[id].record;
  bool goes_on = record.state == transfer_state::queued && !down.reason; // between two attempts
  bool waits = runner_->leave(*ran, record, goes_on);
  if (goes_on) {
    if (!waits) self_->delayed_send(self_, record.pause, resume_atom_v, id);
    return runner_->start_next();
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
  runner_->start_next();
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
