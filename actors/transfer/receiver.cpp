#include "actors/transfer/receiver.hpp"
#include "actors/circuit/near_side.hpp"
#include "actors/ports/ids.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/receive_rules.hpp"
#include "actors/transfer/receive_turns.hpp"
#include "actors/transfer/receive_watch.hpp"
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

namespace {

constexpr std::chrono::seconds sign_of_life{5};

/// Where the way broke, the sender comes again; what broke here has failed, until the sender tries again.
/// Whoever carries the circuit can end it with any word, so that word settles nothing.
transfer_state state_after(const failure& why) {
  if (why.by == evidence::seen || is_of_the_way(why.code)) return transfer_state::queued;
  if (why.code == errc::superseded) return transfer_state::superseded;
  if (why.code == errc::cancelled) return transfer_state::cancelled;
  return transfer_state::failed;
}

} // namespace

receiver_state::~receiver_state() {
  if (offer_) env_->turns->leave(key_of(*offer_), self_->ctrl());
}

receiver_state::actor_type::behavior_type
receiver_state::start(environment_ptr env, transfer_journal_actor journal, job_keeper_actor jobs) {
  env_ = std::move(env);
  journal_ = std::move(journal);
  jobs_ = std::move(jobs);
  self_->set_down_handler([this](const caf::down_msg&) {
    before_.reset();
    leaving_ ? self_->quit() : admit();
  });
  return {
      [this](const attached&) { run(); },
      [this](const progressed& now) {
        record_.bytes = now.progress.bytes;
        record_.size = now.progress.size;
        if (record_.transfer.empty()) return;
        self_->send(journal_, note_atom_v, key_of(record_), now.progress);
        env_->receives->tell(record_);
      },
      [this](const consulted& asked) { decide(asked.question); },
      [this](const ended& what) { conclude(what); },
      [this](const hop_lost& lost) { stop(lost.why); },
      [this](const arrived_open& arrived) {
        begin(arrived);
        opened yes;
        yes.data_token = admit_near_side(*env_, circuit_, arrived);
        yes.receivers = {env_->self->node};
        return yes;
      },
      [this](const abandon& what) { stop(what.why); },
      [this](caf::tick_atom) { give_sign(); },
  };
}

void receiver_state::begin(const arrived_open& arrived) {
  request_ = arrived.request;
  definition_ = arrived.plan.self->receives.at(*request_.file); // who may ask was decided by it
  circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
}

void receiver_state::run() {
  receiving_end_config config{definition_.source,
                              definition_.file,
                              env_->id.now(),
                              env_->ca,
                              env_->wall_clock,
                              request_.open_id,
                              {env_->self->limits.checkpoint_bytes,
                               std::chrono::milliseconds{env_->self->limits.checkpoint_ms},
                               steady_clock_of(*env_)}};
  env_->plane.run(circuit_, make_receiving_end(std::move(config)),
                  env_->files.target(definition_.path, definition_.policy.if_exists, definition_.file));
}

void receiver_state::decide(const consult_owner& asked) {
  if (holding_) return answer_again(); // after a sign of life
  if (auto* offer = std::get_if<question::offer>(&asked))
    take_turn(offer->made);
  else if (auto* publishing = std::get_if<question::publishing>(&asked))
    write_publication(*publishing);
  else if (std::holds_alternative<question::published>(asked))
    commit();
  else if (auto* safe = std::get_if<question::safe>(&asked))
    note_checkpoint(safe->what);
  else
    env_->plane.resume(circuit_, decision::refuse{unfit(asked)});
}

void receiver_state::take_turn(const transfer_offer& offer) {
  if (offer.transfer != request_.transfer)
    return env_->plane.resume(circuit_,
                              decision::refuse{{errc::tampered, env_->self->node,
                                                "the offer is of another transfer than the circuit"}});
  if (offer_) return admit(); // asked again
  auto before = env_->turns->take(key_of(offer), offer.attempt, self_->ctrl());
  if (!before) return env_->plane.resume(circuit_, decision::refuse{before.error()});
  offer_ = offer;
  before_ = *before;
  if (!before_) return admit();
  // It may be about to publish; then this attempt finds the transfer done.
  auto earlier = caf::actor_cast<circuit_actor>(before_);
  self_->monitor(earlier);
  // One that shall cancel does not wait for what a slow disk may still bring.
  auto code = offer.cancel ? errc::cancelled : errc::cut;
  self_->send(earlier, abandon{{}, {code, env_->self->node, "a later attempt has begun"}});
}

void receiver_state::admit() {
  self_->request(journal_, caf::infinite, admit_atom_v, *offer_)
      .then(
          [this, offer = *offer_](verdict& answer) {
            if (auto* stored = std::get_if<decision::already_done>(&answer); stored && has_job(true))
              return find_job(std::move(*stored));
            if (auto* wanted = std::get_if<decision::welcome>(&answer)) {
              record_ = admitted_record({}, offer, wanted->safe, now_ms(*env_));
              return take_up(*wanted);
            }
            env_->plane.resume(circuit_, answer);
          },
          [this](const caf::error& no) { resume_after(no); });
}

void receiver_state::take_up(decision::welcome& wanted) {
  wanted.job_follows = has_job(true);
  record_.to = {{env_->self->node, transfer_state::running}};
  record_.path = definition_.path;
  if (wanted.begun && wanted.begun->path != definition_.path) {
    // The definition has changed since: this attempt's file is another one, whatever became of that one.
    if (offer_->cancel)
      return env_->plane.resume(circuit_, decision::refuse{{errc::unconfirmed, env_->self->node,
                                                            "perhaps it is where it was to be before"}});
    wanted.begun.reset();
  }
  if (wanted.begun) record_.generation = wanted.begun->generation;
  env_->plane.resume(circuit_, wanted);
}

void receiver_state::write_publication(const question::publishing& asked) {
  publishing_since_ = env_->wall_clock();
  record_.bytes = asked.size;
  record_.digest = asked.digest;
  publication what{key_of(record_),
                   record_.generation,
                   definition_.path,
                   asked.digest,
                   asked.size,
                   asked.receipt,
                   definition_.policy.if_exists == if_exists::refuse,
                   has_job(false)};
  self_->request(journal_, caf::infinite, save_atom_v, std::move(what))
      .then([this] { env_->plane.resume(circuit_, decision::go_on{}); },
            [this](const caf::error& no) { resume_after(no); });
}

void receiver_state::note_checkpoint(const checkpoint& safe) {
  record_.safe = safe;
  record_.bytes = safe.bytes;
  // Somebody may have cancelled the transfer here.
  self_->request(journal_, caf::infinite, save_atom_v, record_)
      .then([] {}, [this](const caf::error& no) { stop(known_here(to_failure(no, env_->self->node))); });
}

void receiver_state::commit() {
  self_->request(journal_, caf::infinite, commit_atom_v, key_of(record_))
      .then(
          [this] {
            published_ = true;
            // Before the receipt goes out: who was told `done` finds it in the receiver's trace.
            env_->events.write(request_.transfer,
                               event::received{record_.file, definition_.path, record_.bytes, record_.digest,
                                               record_.from, mark_of(request_), publishing_since_});
            auto record = record_;
            set_state(record, transfer_state::done);
            record.ended_ms = now_ms(*env_);
            env_->receives->tell(record);
            if (!has_job(false)) return env_->plane.resume(circuit_, decision::go_on{});
            if (has_job(true)) return hold_for_job(record);
            caf::anon_send(jobs_, run_atom_v, job_kind::post_receive, record);
            env_->plane.resume(circuit_, decision::go_on{});
          },
          [this](const caf::error& no) { resume_after(no); });
}

bool receiver_state::has_job(bool to_wait_for) const {
  auto* job = env_->jobs.find(definition_.file, job_kind::post_receive);
  return job && (job->wait || !to_wait_for);
}

// Of an earlier attempt's publication: its job may have ended, run still, or not be due, because it was
// configured later.
void receiver_state::find_job(decision::already_done answer) {
  transfer_query of_it;
  of_it.transfer = request_.transfer;
  self_->request(journal_, caf::infinite, of_it)
      .then(
          [this, answer](const std::vector<transfer_record>& found) {
            auto* record = find_record(found, key_of(*offer_), transfer_side::receiver);
            auto again = answer;
            if (!record) return env_->plane.resume(circuit_, std::move(again));
            if (record->job_due) {
              stored_ = std::move(again);
              return hold_for_job(*record);
            }
            if (auto* ended = find_report(*record, job_kind::post_receive)) again.job = ended->result;
            env_->plane.resume(circuit_, std::move(again));
          },
          [this](const caf::error& no) { resume_after(no); });
}

void receiver_state::hold_for_job(const transfer_record& record) {
  holding_ = true;
  self_->delayed_send(self_, sign_of_life, caf::tick_atom_v);
  auto ended = [this](job_result how) {
    job_ended_ = std::move(how);
    answer_again();
  };
  self_->request(jobs_, caf::infinite, run_atom_v, job_kind::post_receive, record)
      .then([ended](const job_report& how) { ended(how.result); },
            [this, ended](const caf::error& no) {
              ended({false, to_failure(no, env_->self->node).text});
            });
}

// The sender must not take the wait for a stall. Nothing is lost if the plane asks nothing just now.
void receiver_state::answer_again() {
  if (!job_ended_) return;
  if (stored_)
    env_->plane.resume(circuit_, decision::already_done{stored_->receipt, job_ended_});
  else
    env_->plane.resume(circuit_, decision::job_ended{*job_ended_});
}

void receiver_state::give_sign() {
  if (job_ended_) return;
  env_->plane.resume(circuit_, decision::working{});
  self_->delayed_send(self_, sign_of_life, caf::tick_atom_v);
}

void receiver_state::resume_after(const caf::error& no) {
  env_->plane.resume(circuit_, decision::refuse{to_failure(no, env_->self->node)});
}

void receiver_state::conclude(const ended& what) {
  // What was published stays done, even if the receipt was lost on its way: the sender is told when it asks
  // again.
  const bool broke = !published_ && !record_.transfer.empty() && !what.result;
  auto closed = closed_event(what, mark_of(request_));
  if (broke && is_final(state_after(what.result.error()))) closed.given_up = what.result.error().code;
  env_->events.write(request_.transfer, closed);
  if (broke) {
    record_.reason = what.result.error();
    if (record_.reason->hop.empty()) record_.reason->hop = env_->self->node;
    // Its end says of its own accord what became of the rename; nobody else knows.
    bool was_to_publish = publishing_since_ != std::chrono::system_clock::time_point{};
    if (was_to_publish && record_.reason->by == evidence::seen) record_.reason->code = errc::unconfirmed;
    record_.state = state_after(*record_.reason);
    record_.to = {{env_->self->node, record_.state}};
    if (is_final(record_.state)) record_.ended_ms = now_ms(*env_);
    env_->receives->tell(record_);
    return self_->request(journal_, caf::infinite, save_atom_v, record_)
        .then([this] { leave(); },
              [this](const caf::error& no) {
                log_lost(*env_, "how this attempt ended is not written down",
                         to_failure(no, env_->self->node), record_.transfer);
                leave();
              });
  }
  leave();
}

// Who waits for this one's end waits for the one before it, too.
void receiver_state::leave() {
  leaving_ = true;
  if (!before_) self_->quit();
}

void receiver_state::stop(const failure& why) { env_->plane.close(circuit_, why); }

} // namespace hublink
