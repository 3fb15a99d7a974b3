#include "protocol/transfer/receiving_end.hpp"

namespace hublink {

// -- records

void receiving_end::take(record_type type, byte_view body) {
  auto news = records_.take(type, body);
  if (news) return std::visit([this](const auto& what) { act_on(what); }, *news);
  // Nobody compared what an earlier attempt left here with the sender's file: it may be what is wrong.
  if (type == record_type::end && transcript_.offer().broadcast) checkpoints_.start({});
  fail(news.error());
}

void receiving_end::act_on(const incoming::file& what) {
  auto from = transcript_.start();
  progress_ = {from, what.size, from};
  checkpoints_.start(from == 0 ? checkpoint{} : checkpoints_.safe());
  created_ = true; // also if it fails half-way
  const auto& offer = transcript_.offer();
  start(phase::creating, create_file{offer.transfer, offer.generation, what.size, what.mode, from});
}

void receiving_end::act_on(const incoming::content& what) {
  if (auto still = transcript_.still_trusted(); !still) return fail(still.error());
  if (!what.data.empty()) return start(phase::writing, write_file{what.offset, what.data});
  count_chunk();
  go_on();
}

void receiving_end::act_on(const incoming::end& what) {
  if (auto still = transcript_.still_trusted(); !still) return fail(still.error());
  digest_ = what.digest;
  start(phase::syncing, sync_file{});
}

// -- steps

void receiving_end::start(phase next, end_step step) {
  phase_ = next;
  set_step(std::move(step));
}

void receiving_end::send(phase next, bytes record) {
  phase_ = next;
  send_out(std::move(record));
}

void receiving_end::completed() {
  if (is_over()) return;
  if (phase_ == phase::writing) count_chunk();
  // What the disk has made safe is safe, whatever became of the circuit.
  if (late_cut_ && !failing() && phase_ != phase::catching_up) return fail(*late_cut_);
  switch (phase_) {
  case phase::reopening:
    return compare();
  case phase::comparing:
    prefix_->read();
    if (!prefix_->should_report()) return compare();
    return send(phase::telling, make_progress(prefix_->bytes_read()));
  case phase::telling:
    return compare();
  case phase::dropping:
    return get_ready({});
  case phase::getting_ready:
    return known_ ? finish_done() : wait();
  case phase::catching_up:
    return record(checkpoints_.take(records_.so_far()));
  case phase::recording:
    return send(phase::reporting, make_progress(checkpoints_.safe().bytes));
  case phase::creating:
  case phase::flushing:
  case phase::reporting:
    return wait();
  case phase::writing:
    return go_on();
  case phase::syncing:
    return note_publishing();
  case phase::publishing:
    published_ = true;
    return ask_again();
  case phase::receipting:
    return finish_done();
  case phase::signalling:
    return ask_again();
  case phase::keeping:
    return kept();
  case phase::saving:
  case phase::discarding:
    return leave();
  case phase::refusing:
    return end_with(true);
  default:
    return;
  }
}

void receiving_end::compare() {
  if (!prefix_->complete()) return start(phase::comparing, prefix_->next());
  if (!prefix_->holds()) return drop_earlier();
  records_.go_on_behind(prefix_->take_digest());
  get_ready({});
}

// Not what the checkpoint says: it was lost in a crash, or somebody had a hand in it. All of it comes again.
void receiving_end::drop_earlier() {
  prefix_.reset();
  checkpoints_.start({});
  created_ = false;
  start(phase::dropping, discard_file{transcript_.offer().transfer, transcript_.offer().generation});
}

void receiving_end::count_chunk() {
  records_.advance();
  progress_.bytes = records_.passed();
}

void receiving_end::go_on() {
  if (records_.is_complete()) return wait();
  if (checkpoints_.is_flushed()) return record(checkpoints_.take_flushed());
  if (checkpoints_.is_due(progress_.bytes)) return begin_checkpoint();
  if (checkpoints_.is_too_far(progress_.bytes)) return start(phase::catching_up, sync_file{});
  wait();
}

void receiving_end::begin_checkpoint() {
  checkpoints_.begin(records_.so_far());
  start(phase::flushing, flush_file{});
}

void receiving_end::record(const checkpoint& safe) {
  progress_.safe = safe.bytes;
  start(phase::recording, question::safe{safe});
}

void receiving_end::flushed(const outcome<>& done) {
  if (is_over() || !checkpoints_.is_flushing()) return;
  checkpoints_.flushed(bool(done));
  if (failing() || end_verified()) return;
  if (!done) return step_failed(done.error());
  if (phase_ == phase::taking && records_.expects_content()) record(checkpoints_.take_flushed());
}

// It failed while the disk was at work: the next attempt goes on behind what came out of that.
void receiving_end::kept() {
  if (checkpoints_.is_flushed()) {
    progress_.safe = checkpoints_.take_flushed().bytes;
    return start(phase::saving, question::safe{checkpoints_.safe()});
  }
  checkpoints_.safe().bytes == 0 ? discard() : leave();
}

void receiving_end::note_publishing() {
  receipt_ = transcript_.make_receipt(progress_.size, digest_);
  start(phase::noting, question::publishing{receipt_, digest_, progress_.size});
}

void receiving_end::consulted(const verdict& answer) {
  if (is_over()) return;
  if (phase_ == phase::committing) return committed(answer);
  auto* wanted = std::get_if<decision::welcome>(&answer);
  bool is_over_here = std::holds_alternative<decision::already_done>(answer) || (wanted && wanted->begun);
  if (late_cut_ && !(phase_ == phase::deciding && is_over_here)) return fail(*late_cut_);
  if (auto* no = std::get_if<decision::refuse>(&answer)) return fail(known_here(no->why));
  if (phase_ == phase::deciding) return decided(answer);
  if (!std::holds_alternative<decision::go_on>(answer)) return fail(unfit(answer));
  if (!begun_) return start(phase::publishing, publish_file{});
  const auto& of = transcript_.offer();
  start(phase::publishing, settle_file{of.transfer, begun_->generation, {progress_.size, digest_}});
}

void receiving_end::decided(const verdict& answer) {
  if (std::holds_alternative<decision::working>(answer)) return give_sign();
  if (auto* stored = std::get_if<decision::already_done>(&answer)) return answer_again(*stored);
  auto* wanted = std::get_if<decision::welcome>(&answer);
  if (!wanted) return fail(unfit(answer));
  job_follows_ = wanted->job_follows;
  if (wanted->begun) return settle(*wanted->begun);
  if (wanted->safe.bytes == 0) return get_ready({});
  checkpoints_.start(wanted->safe);
  prefix_.emplace(wanted->safe);
  start(phase::reopening, reopen_file{transcript_.offer().transfer, transcript_.offer().generation});
}

// As if all had come once more, by an attempt that may publish: so it is alone at that path.
void receiving_end::settle(const begun_publication& what) {
  in_doubt_ = true;
  late_cut_.reset(); // no circuit is needed for that
  auto record = read_receipt(what.receipt);
  if (!record) return fail({errc::failed, {}, "the stored receipt can't be read"});
  begun_ = what;
  receipt_ = what.receipt;
  digest_ = record->digest;
  progress_ = {record->size, record->size, record->size};
  start(phase::noting, question::publishing{receipt_, digest_, progress_.size});
}

// The file is in place: nothing that the owner says takes that back.
void receiving_end::committed(const verdict& answer) {
  if (std::holds_alternative<decision::working>(answer)) return give_sign();
  if (cut_) return finish_done();
  auto* job = std::get_if<decision::job_ended>(&answer);
  if (begun_) return answer_again({receipt_, job ? std::optional{job->how} : std::nullopt});
  auto closing = make_record(record_type::receipt, receipt_);
  if (job) append(closing, transcript_.make_job_result(job->how));
  send(phase::receipting, std::move(closing));
}

// The owner has work to do before it answers, and the sender must not take the silence for a stall.
void receiving_end::give_sign() {
  if (!cut_) return send(phase::signalling, make_progress(0));
  if (published_) return finish_done();
  fail(late_cut_.value_or(failure{errc::cut, {}, "the circuit ended too early"}));
}

bytes receiving_end::sign_of_life() const {
  bool has_offer = !transcript_.offer().transfer.empty();
  return has_offer && !known_ && !is_over() && phase_ != phase::refusing ? make_progress(progress_.safe)
                                                                         : bytes{};
}

void receiving_end::ask_again() {
  if (published_)
    start(phase::committing, question::published{});
  else
    start(phase::deciding, question::offer{transcript_.offer()});
}

void receiving_end::answer_again(const decision::already_done& stored) {
  auto record = read_receipt(stored.receipt);
  if (!record) return fail({errc::failed, {}, "the stored receipt can't be read"});
  known_ = true;
  digest_ = record->digest;
  progress_ = {record->size, record->size, record->size};
  job_ = stored.job;
  job_follows_ = job_.has_value();
  cut_ ? finish_done() : get_ready(stored.receipt);
}

void receiving_end::get_ready(bytes stored_receipt) {
  auto ready = transcript_.make_ready(std::move(stored_receipt), checkpoints_.safe(), job_follows_);
  if (!ready) return fail(ready.error());
  if (job_) append(*ready, transcript_.make_job_result(*job_));
  send(phase::getting_ready, std::move(*ready));
}

// -- failures

void receiving_end::step_failed(const failure& why) {
  if (is_over()) return;
  // What does not answer may still hold what the checkpoint says.
  bool is_there = why.code == errc::timed_out;
  if ((phase_ == phase::reopening || phase_ == phase::comparing) && !is_there) return drop_earlier();
  if (failing()) return leave();
  if (begun_) in_doubt_ = is_there || why.code == errc::unconfirmed;
  // In place, but perhaps not for good, or on its way there: nobody must be told that it was refused.
  fail(known_here(why), why.code != errc::unconfirmed);
}

void receiving_end::cut(const failure& why) {
  if (is_over()) return;
  cut_ = true;
  if (phase_ == phase::receipting || known_) return finish_done();
  if (phase_ == phase::refusing) return leave();
  if (end_verified() || failing()) return;
  if (owes_report())
    late_cut_ = why;
  else
    fail(why);
}

void receiving_end::fail(failure why, bool tell) {
  why_ = std::move(why);
  bool is_settled =
      why_.by == evidence::own && (why_.code == errc::superseded || why_.code == errc::cancelled);
  if (in_doubt_ && !is_settled) why_.code = errc::unconfirmed;
  tell_ = tell;
  bool nothing_safe = created_ && checkpoints_.safe().bytes == 0 && !checkpoints_.is_flushing();
  bool may_be_published = why_.code == errc::unconfirmed; // what is gone counts as that
  if ((is_lost_with(why_) || nothing_safe) && !may_be_published) return discard();
  if (!created_) return leave();
  keep();
}

void receiving_end::keep() { start(phase::keeping, keep_file{}); }

void receiving_end::discard() {
  const auto& offer = transcript_.offer();
  if (offer.transfer.empty()) return leave(); // none was believed
  start(phase::discarding, discard_file{offer.transfer, offer.generation});
}

void receiving_end::leave() {
  if (cut_ || !tell_) return end_with(!cut_);
  send(phase::refusing, transcript_.make_refusal(why_, records_.bad_chunk()));
}

std::unique_ptr<circuit_end> make_receiving_end(receiving_end_config config) {
  return std::make_unique<receiving_end>(std::move(config));
}

} // namespace hublink
