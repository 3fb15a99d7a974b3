#include "actors/transfer/sender.hpp"
#include "actors/ports/ids.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

namespace {

/// What moves none of its content for so long gives its place to others.
constexpr std::chrono::seconds rests_after{2};

} // namespace

sender_actor::behavior_type sender_state::start(environment_ptr env, sender_services services,
                                                transfer_record record) {
  env_ = std::move(env);
  services_ = std::move(services);
  record_ = std::move(record);
  origin_.emplace(self_, env_, services_.hops);
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what); };
  handlers.progress = [this](const progressed& now) { note_progress(now.progress); };
  handlers.consult = [this](const consulted& asked) { decide(asked); };
  return origin_->behavior(
      std::move(handlers), [this](start_atom) { prepare(); },
      [this](give_up_atom, failure& why) { give_up(std::move(why)); },
      [this](cancel_atom) {
        record_.cancel_wanted = true;
        const auto why = known_here({errc::cancelled, env_->self->node, "cancelled"});
        if (origin_->circuit()) return origin_->close(why);
        origin_->abandon(why);
        settle(why);
      },
      [this](suspend_atom) { suspending_ = true; }, [this](beat_atom) { look_whether_it_rests(); },
      [this](rate_atom, std::uint64_t rate) {
        record_.rate = rate;
        if (origin_->circuit()) env_->plane.limit(origin_->circuit(), rate);
      });
}

// Before the first attempt alone: further ones send what it made.
void sender_state::prepare() {
  auto* earlier = find_report(record_, job_kind::pre_send);
  bool wanted = env_->jobs.find(record_.file, job_kind::pre_send) && !record_.cancel_wanted;
  if (!wanted || (earlier && earlier->result.good)) return start_attempt();
  self_->request(services_.jobs, caf::infinite, run_atom_v, job_kind::pre_send, record_)
      .then(
          [this](const job_report& how) {
            keep_report(record_, how);
            if (how.result.good) return start_attempt();
            finish(transfer_state::failed,
                   failure{errc::job_failed, env_->self->node, "pre_send " + how.result.text});
          },
          [this](const caf::error& no) { finish(transfer_state::failed, to_failure(no, env_->self->node)); });
}

/// False: it has gone while the transfer was queued, and the transfer ends with that.
bool sender_state::take_definition() {
  auto self = env_->self.now();
  auto found = self->sends.find(record_.file);
  if (found == self->sends.end()) {
    finish(transfer_state::failed,
           failure{errc::unknown_file, env_->self->node, "no send definition for " + record_.file});
    return false;
  }
  definition_ = found->second;
  if (is_broadcast() && record_.requested_by.empty())
    recipients_.begin(record_, definition_.recipients, self->certificates, env_->certificates);
  return true;
}

// Others to the same receiver failed so often that this one's own count is up.
void sender_state::give_up(failure why) {
  if (!take_definition()) return;
  auto state = state_after(why);
  finish(state, std::move(why));
}

void sender_state::start_attempt() {
  if (!take_definition()) return;
  if (!record_.requested_by.empty()) {
    definition_.recipients = {record_.requested_by};
    definition_.through_store = false;
  }
  ++record_.attempt;
  set_state(record_, transfer_state::running);
  record_.path = definition_.path;
  record_.bytes = 0;
  record_.reason.reset();
  save([this] { make_circuit(); });
}

void sender_state::make_circuit() {
  auto request = make_open(*env_, circuit_kind::transfer, record_.transfer);
  open_id_ = request.open_id;
  request.attempt = record_.attempt;
  request.file = record_.file;
  if (definition_.destination) request.destination = {*definition_.destination};
  if (!record_.requested_by.empty()) request.only = {record_.requested_by};
  origin_->make(request, [this](const outcome<origin::ready>& far) {
    if (far) return run(*far);
    settle(far.error());
  });
}

void sender_state::run(const origin::ready& far) {
  self_->delayed_send(self_, rests_after, beat_atom_v);
  sending_end_config config;
  config.offer = {record_.transfer, record_.attempt,        record_.generation,
                  record_.sequence, now_ms(*env_),          env_->self->node,
                  record_.file,     definition_.recipients, record_.cancel_wanted};
  config.open_id = open_id_;
  config.file_name = definition_.path.substr(definition_.path.find_last_of('/') + 1);
  config.digest = definition_.policy.digest;
  config.chunk_size = env_->chunk_size;
  config.self = env_->id.now();
  config.ca = env_->ca;
  config.now = env_->wall_clock;
  env_->plane.limit(far.circuit, record_.rate.value_or(definition_.policy.rate));
  if (!is_broadcast())
    return env_->plane.run(far.circuit, make_sending_end(std::move(config)),
                           env_->files.source(definition_.path));
  if (auto fine = check_plan(far.answer.receivers, definition_.recipients, env_->self->node); !fine)
    return origin_->close(fine.error());
  auto broadcast = recipients_.config(std::move(config), record_, definition_);
  env_->plane.run(far.circuit, make_broadcast_sending_end(std::move(broadcast)),
                  env_->files.source(definition_.path));
}

void sender_state::decide(const consulted& asked) {
  if (auto* source = std::get_if<question::source>(&asked.question))
    name_generation(asked.circuit, source->found);
  else if (auto* job = std::get_if<question::job_ended>(&asked.question))
    note_job(asked.circuit, job->how);
  else if (auto* receivers = std::get_if<question::receivers>(&asked.question))
    note_results(receivers->results);
  else if (auto* sent = std::get_if<question::all_sent>(&asked.question))
    note_all_sent(asked.circuit, sent->digest);
  else
    refuse_question(*env_, asked);
}

// Durable before the offer: what the receiver keeps of an attempt is of exactly this source.
void sender_state::name_generation(circuit_id circuit, const file_facts& found) {
  if (record_.source && *record_.source != found) {
    // Some receivers of a broadcast may have published what was sent to its end: others get no other content.
    if (is_broadcast() && record_.all_sent) {
      failure why{errc::file_changed, env_->self->node,
                  definition_.path + " changed since all of it was sent"};
      return env_->plane.resume(circuit, decision::refuse{std::move(why)});
    }
    ++record_.generation;
  }
  record_.source = found;
  record_.size = found.size;
  save([this, circuit] { env_->plane.resume(circuit, decision::generation{record_.generation}); });
}

void sender_state::note_progress(const transfer_progress& now) {
  bool further = now.safe > record_.safe.bytes;
  came_further_ = came_further_ || further;
  record_.safe.bytes = std::max(record_.safe.bytes, now.safe);
  record_.bytes = now.bytes;
  record_.size = now.size;
  self_->send(services_.journal, note_atom_v, key_of(record_), now);
  self_->send(services_.dispatcher, record_);
  if (rests_ && (now.bytes != last_.bytes || further)) tell_rest(false);
  if (last_.heard == 0 && now.heard > 0) self_->send(services_.dispatcher, beat_atom_v, record_.transfer);
  last_ = now;
  if (further && suspending_)
    origin_->close({errc::busy, env_->self->node, "made way for a transfer of higher priority"});
}

// While a disk of one of the two ends does not answer: the receiver gives signs of life, or this node knows.
// A receiver that is silent ends the attempt.
void sender_state::look_whether_it_rests() {
  bool moves = last_.bytes != looked_at_.bytes || last_.safe != looked_at_.safe;
  bool works = last_.heard != looked_at_.heard || !last_.waits.empty();
  looked_at_ = last_;
  if (!moves && works && !rests_) tell_rest(true);
  self_->delayed_send(self_, rests_after, beat_atom_v);
}

void sender_state::tell_rest(bool rests) {
  rests_ = rests;
  self_->send(services_.dispatcher, beat_atom_v, record_.transfer, rests);
}

void sender_state::note_all_sent(circuit_id circuit, const std::string& digest) {
  record_.all_sent = true;
  if (!digest.empty()) record_.digest = digest;
  save([this, circuit] { env_->plane.resume(circuit, decision::go_on{}); });
}

void sender_state::note_results(const std::vector<receiver_result>& results) {
  if (recipients_.note(record_, results, now_ms(*env_))) came_further_ = true;
  save_results();
  auto* failed = definition_.policy.stop_others ? first_failed(results) : nullptr;
  if (failed && !pause_after(failed->result.error(), record_.broken_in_a_row + 1)) stop_others(*failed);
}

// One change at a time, with all that came meanwhile: there may be ten thousand receivers.
void sender_state::save_results() {
  if (saving_results_) return;
  auto change = recipients_.take_unsaved(record_.transfer);
  if (!change) return;
  saving_results_ = true;
  self_->request(services_.journal, caf::infinite, save_atom_v, *change)
      .then(
          [this, change = *change] {
            saving_results_ = false;
            self_->send(services_.dispatcher, change);
            save_results();
          },
          [this](const caf::error& no) { not_saved(no); });
}

// The next attempt lets each of them say whether it has published.
void sender_state::stop_others(const receiver_result& failed) {
  if (record_.cancel_wanted || has_every_result()) return;
  record_.cancel_wanted = true;
  auto text = failed.name + " failed (" + failed.result.error().text + "), and on_error is stop_others";
  origin_->close(known_here({errc::cancelled, env_->self->node, text}));
}

bool sender_state::has_every_result() const {
  return is_broadcast() && recipients_.has_every_result(record_);
}

// Written down with the outcome, which is what the end says next.
void sender_state::note_job(circuit_id circuit, const job_result& how) {
  keep_report(record_, {.kind = job_kind::post_receive,
                        .node = record_.to.begin()->first,
                        .result = how,
                        .ended_ms = now_ms(*env_)});
  env_->plane.resume(circuit, decision::go_on{});
}

void sender_state::conclude(const ended& what) {
  record_.bytes = what.content.bytes;
  if (what.content.size > 0) record_.size = what.content.size; // an attempt that never ran knows none
  if (!what.digest.empty()) record_.digest = what.digest;
  if (what.content.safe > record_.safe.bytes) came_further_ = true;
  record_.safe.bytes = std::max(record_.safe.bytes, what.content.safe);
  if (what.result) {
    if (is_broadcast() && !record_.cancel_wanted && !has_every_result())
      return finish(transfer_state::spooled, {});
    auto* job = find_failed(record_, job_kind::post_receive);
    if (!job) return finish(transfer_state::done, {});
    return finish(transfer_state::done,
                  failure{errc::job_failed, job->node, "post_receive " + job->result.text});
  }
  auto why = what.result.error();
  if (why.hop.empty()) why.hop = env_->self->node;
  origin_->abandon(why);
  if (has_every_result()) return settle_results(std::move(why));
  settle(std::move(why));
}

// One attempt is over, and the transfer is not done.
void sender_state::settle(failure why) {
  using std::chrono::milliseconds;
  keep_end(record_, {record_.attempt, now_ms(*env_), why});
  if (suspending_ && why.code == errc::busy && !record_.cancel_wanted) return pause(milliseconds{0}, why);
  record_.broken_in_a_row = came_further_ ? 1 : record_.broken_in_a_row + 1;
  bool asked_to_cancel = record_.cancel_wanted && why.by == evidence::own && why.code == errc::cancelled;
  bool may_be_there = record_.source.has_value();
  if (asked_to_cancel && may_be_there) return pause(milliseconds{0}, why); // the receiver settles it
  broken_attempt how{why, may_be_there, record_.broken_in_a_row};
  if (auto after = pause_before_next(definition_.policy.retry, how); after && !asked_to_cancel)
    return pause(*after, why);
  auto state = state_after(why);
  finish(state, std::move(why));
}

// The broadcast point has tried again what may come right by itself: only `retry` asks for more.
void sender_state::settle_results(failure why) {
  record_.broken_in_a_row = came_further_ ? 1 : record_.broken_in_a_row + 1;
  const auto some = recipients_.may_be_mended() ? failure{.code = errc::cut} : why;
  auto after = pause_after(some, record_.broken_in_a_row);
  if (after && !record_.cancel_wanted) return pause(*after, why);
  finish(transfer_state::failed, std::move(why));
}

/// Before another attempt that the definition asks for, of a broadcast; nothing: there is none.
std::optional<std::chrono::milliseconds> sender_state::pause_after(const failure& why, int in_a_row) const {
  const auto& retry = definition_.policy.retry;
  if (retry.count == 0) return {};
  return pause_before_next(retry, {why, true, in_a_row});
}

transfer_state sender_state::state_after(const failure& why) const {
  const bool is_certain = why.by != evidence::seen;
  if (is_certain && why.code == errc::superseded) return transfer_state::superseded;
  if (is_certain && why.code == errc::cancelled) return transfer_state::cancelled;
  // Once all was sent, only the receiver says that it failed.
  if (record_.all_sent) return denies_all(why) ? transfer_state::failed : transfer_state::unconfirmed;
  // Without the last record nothing can have been published.
  return record_.cancel_wanted ? transfer_state::cancelled : transfer_state::failed;
}

void sender_state::pause(std::chrono::milliseconds length, failure why) {
  set_state(record_, transfer_state::queued);
  record_.reason = std::move(why);
  record_.not_before_ms = now_ms(*env_) + length.count();
  record_.pause = length;
  save([this] { self_->quit(); });
}

void sender_state::finish(transfer_state state, std::optional<failure> why) {
  set_outcome(record_, state, now_ms(*env_), std::move(why));
  recipients_.settle(record_);
  if (record_.to.size() > 1 || is_broadcast()) record_.state = state_of_all(record_);
  if (wants_post_send(env_->jobs, record_)) record_.job_due = job_kind::post_send;
  save([this] {
    if (record_.job_due) caf::anon_send(services_.jobs, run_atom_v, job_kind::post_send, record_);
    event::sent what{record_.file,           {}, record_.bytes, record_.started_ms, record_.attempt,
                     is_final(record_.state)};
    if (record_.reason) what.code = record_.reason->code;
    for (const auto& [name, state] : record_.to)
      what.receivers[name] = state == transfer_state::done ? "done"
                             : state == transfer_state::unconfirmed || state == transfer_state::spooled
                                 ? "pending"
                                 : "failed";
    env_->events.write(record_.transfer, what);
    self_->quit();
  });
}

// The journal's answer comes after the change is durable; a journal that can't write ends the transfer before
// anything else happens.
void sender_state::save(std::function<void()> then) {
  recipients_.forget_unsaved(); // part of the record
  self_->request(services_.journal, caf::infinite, save_atom_v, record_)
      .then(
          [this, then] {
            then();
            // Last: who was told `done` must find it in the journal and in the trace, also after a crash.
            self_->send(services_.dispatcher, record_);
          },
          [this](const caf::error& no) { not_saved(no); });
}

void sender_state::not_saved(const caf::error& no) {
  record_.state = record_.all_sent ? transfer_state::unconfirmed : transfer_state::failed;
  record_.reason = to_failure(no, env_->self->node);
  record_.ended_ms = now_ms(*env_);
  if (origin_->circuit()) origin_->close(*record_.reason);
  self_->send(services_.dispatcher, record_);
  self_->quit();
}

} // namespace hublink
