#include "protocol/checkpoint_maker.hpp"
#include "protocol/end_base.hpp"
#include "protocol/prefix_check.hpp"
#include "protocol/receiving_exchange.hpp"
#include "protocol/receiving_phase.hpp"

#include <optional>

namespace hublink {
namespace {

using about = consult_owner::about;

class receiving_end final : public end_base {
 public:
  explicit receiving_end(receiving_end_config config)
      : exchange_(std::move(config)), checkpoints_(exchange_.interval()) {}

  std::span<std::byte> inbox() override {
    return step_is<wait_for_bytes>() ? room() : std::span<std::byte>{};
  }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void flushed(const outcome<>& done) override;
  void cut(const failure& why) override;
  transfer_progress progress() const override { return progress_; }
  std::string digest() const override { return digest_; }

 private:
  using phase = receiving_phase;

  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { fail(why); }

  outcome<> take_expected(byte_view body);
  outcome<> take_offer(byte_view body);
  outcome<> take_envelopes(byte_view body);
  outcome<> take_metadata(byte_view body);
  outcome<> take_chunk();
  outcome<> take_end(byte_view body);
  void take_abort(byte_view body);

  void start(phase next, transfer_step step);
  void wait(phase next) { start(next, wait_for_bytes{}); }
  void send(phase next, bytes record);
  void give_sign();
  void ask_again();
  void answer_again(const verdict& stored);
  void get_ready(bytes stored_receipt);
  void compare();
  void drop_earlier();
  void count_chunk();
  void go_on();
  checkpoint so_far() { return {stream_->passed(), stream_->digest()}; }
  void begin_checkpoint();
  void record(const checkpoint& safe);
  void note_publishing();
  void fail(failure why, bool tell = true);
  void keep();
  void discard();
  void leave();
  void finish_done() { set_step(finish{{}, true}); }

  bool end_verified() const {
    return published_ || (phase_ >= phase::syncing && phase_ <= phase::receipting);
  }
  bool failing() const { return phase_ >= phase::keeping; }

  receiving_exchange exchange_;
  phase phase_ = phase::offer;
  std::optional<prefix_check> prefix_; ///< of an earlier attempt
  std::optional<incoming_stream> stream_;
  transfer_progress progress_;
  checkpoint_maker checkpoints_;
  std::string digest_;
  bytes receipt_;
  bool known_ = false; ///< was received before: nothing but its receipt is sent
  bool published_ = false;
  bool job_follows_ = false;
  std::optional<job_result> job_; ///< sent right behind the receipt
  bool created_ = false;          ///< there may be a partial file
  bool cut_ = false, tell_ = true;
  std::optional<failure> late_cut_; ///< to be acted on once the owed report is in
  failure why_;
};

// -- records

outcome<std::span<std::byte>> receiving_end::place(record_type type, std::uint32_t size) {
  bool abort = type == record_type::abort && phase_ != phase::offer;
  bool alive = type == record_type::progress && phase_ == phase::header;
  if (type == expected_in(phase_) || abort || alive) {
    if (type != record_type::chunk) return small_body(size);
    if (phase_ == phase::metadata && size <= max_metadata + tag_size) return small_body(size);
    if (phase_ == phase::content)
      if (auto sealed = stream_->room(); sealed.size() == size) return sealed;
  }
  // What a signed header started comes whole and in order, or somebody on the way had a hand in it.
  auto code = phase_ > phase::header ? errc::tampered : errc::bad_message;
  auto next = stream_ ? ": " + stream_->position() + " is next" : std::string{};
  return {code, "a record " + std::string{to_string(type)} + " of " + std::to_string(size) +
                    " bytes that must not come now" + next};
}

void receiving_end::take(record_type type, byte_view body) {
  if (type == record_type::abort) return take_abort(body);
  if (type == record_type::progress) return;
  if (auto taken = take_expected(body); !taken) fail(taken.error());
}

outcome<> receiving_end::take_expected(byte_view body) {
  switch (phase_) {
  case phase::offer:
    return take_offer(body);
  case phase::header:
    if (auto read = exchange_.read_header(body); !read) return read;
    wait(phase::envelopes);
    return {};
  case phase::envelopes:
    return take_envelopes(body);
  case phase::metadata:
    return take_metadata(body);
  case phase::content:
    return take_chunk();
  default:
    return take_end(body);
  }
}

outcome<> receiving_end::take_offer(byte_view body) {
  auto offer = exchange_.read_offer(body);
  if (!offer) return offer.error();
  ask_again();
  return {};
}

outcome<> receiving_end::take_envelopes(byte_view body) {
  std::optional<file_digest> digest;
  if (prefix_) digest = prefix_->take_digest();
  auto stream = exchange_.read_envelopes(body, std::move(digest));
  if (!stream) return stream.error();
  stream_ = std::move(*stream);
  wait(phase::metadata);
  return {};
}

outcome<> receiving_end::take_metadata(byte_view body) {
  auto metadata = stream_->open_metadata(small_body(body.size())); // where it lies already
  if (!metadata) return metadata.error();
  auto& offer = exchange_.offer();
  progress_ = {exchange_.start(), metadata->size, exchange_.start()};
  checkpoints_.start(exchange_.start() == 0 ? checkpoint{} : checkpoints_.safe(), exchange_.now());
  created_ = true; // also if it fails half-way
  start(phase::creating,
        create_file{offer.transfer, offer.generation, metadata->size, metadata->mode, exchange_.start()});
  return {};
}

outcome<> receiving_end::take_chunk() {
  auto content = stream_->open_chunk();
  if (!content) return content.error();
  if (content->empty()) {
    count_chunk();
    go_on();
  } else {
    start(phase::writing, write_file{stream_->passed(), *content});
  }
  return {};
}

outcome<> receiving_end::take_end(byte_view body) {
  auto found = stream_->digest();
  if (auto read = exchange_.read_end(body, progress_.size, found); !read) return read;
  digest_ = std::move(found);
  start(phase::syncing, sync_file{});
  return {};
}

void receiving_end::take_abort(byte_view body) {
  auto reason = exchange_.read_abort(body);
  if (!reason) return fail(reason.error());
  fail({reason->code, exchange_.sender(), reason->text}, false);
}

// -- steps

void receiving_end::start(phase next, transfer_step step) {
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
  if (late_cut_ && !failing()) return fail(*late_cut_);
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
    return known_ ? finish_done() : wait(phase::header);
  case phase::catching_up:
    return record(checkpoints_.take(so_far()));
  case phase::recording:
    return send(phase::reporting, make_progress(checkpoints_.safe().bytes));
  case phase::creating:
  case phase::flushing:
  case phase::reporting:
    return wait(phase::content);
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
  case phase::discarding:
    return leave();
  case phase::refusing:
    return set_step(finish{why_, true});
  default:
    return;
  }
}

void receiving_end::compare() {
  if (!prefix_->complete()) return start(phase::comparing, prefix_->next());
  if (!prefix_->holds()) return drop_earlier();
  get_ready({});
}

// Not what the checkpoint says: it was lost in a crash, or somebody had a hand in it. All of it comes again.
void receiving_end::drop_earlier() {
  prefix_.reset();
  checkpoints_.start({}, exchange_.now());
  created_ = false;
  start(phase::dropping, discard_file{exchange_.offer().transfer, exchange_.offer().generation});
}

void receiving_end::count_chunk() {
  stream_->advance();
  progress_.bytes = stream_->passed();
}

void receiving_end::go_on() {
  if (stream_->complete()) return wait(phase::end);
  if (checkpoints_.is_flushed()) return record(checkpoints_.take_flushed());
  if (checkpoints_.is_due(progress_.bytes, exchange_.now())) return begin_checkpoint();
  if (checkpoints_.is_too_far(progress_.bytes)) return start(phase::catching_up, sync_file{});
  wait(phase::content);
}

void receiving_end::begin_checkpoint() {
  checkpoints_.begin(so_far(), exchange_.now());
  start(phase::flushing, flush_file{});
}

void receiving_end::record(const checkpoint& safe) {
  progress_.safe = safe.bytes;
  start(phase::recording, note_checkpoint{safe});
}

void receiving_end::flushed(const outcome<>& done) {
  if (is_over() || !checkpoints_.is_flushing()) return;
  checkpoints_.flushed(bool(done));
  if (failing() || end_verified()) return;
  if (!done) return step_failed(done.error());
  if (phase_ == phase::content) record(checkpoints_.take_flushed());
}

void receiving_end::note_publishing() {
  receipt_ = exchange_.make_receipt(progress_.size, digest_);
  start(phase::noting,
        consult_owner{about::publishing, exchange_.offer(), {}, receipt_, digest_, progress_.size});
}

void receiving_end::consulted(const verdict& answer) {
  if (is_over()) return;
  if (answer.decision == verdict::kind::working) return give_sign();
  if (phase_ == phase::committing) {
    auto closing = make_record(record_type::receipt, receipt_);
    if (answer.job) append(closing, exchange_.make_job_result(*answer.job));
    return cut_ ? finish_done() : send(phase::receipting, std::move(closing));
  }
  if (phase_ == phase::deciding && answer.decision == verdict::kind::already_done)
    return answer_again(answer);
  if (late_cut_) return fail(*late_cut_);
  if (answer.decision == verdict::kind::refuse) return fail(answer.why);
  if (phase_ == phase::noting) return start(phase::publishing, publish_file{});
  if (phase_ != phase::deciding) return;
  job_follows_ = answer.job_follows;
  if (answer.safe.bytes == 0) return get_ready({});
  checkpoints_.start(answer.safe, exchange_.now());
  prefix_.emplace(answer.safe);
  start(phase::reopening, reopen_file{exchange_.offer().transfer, exchange_.offer().generation});
}

// The owner has work to do before it answers, and the sender must not take the silence for a stall.
void receiving_end::give_sign() {
  if (!cut_) return send(phase::signalling, make_progress(0));
  if (published_) return finish_done();
  fail(late_cut_.value_or(failure{errc::cut, {}, "the circuit ended too early"}));
}

void receiving_end::ask_again() {
  auto next = published_ ? phase::committing : phase::deciding;
  start(next, consult_owner{published_ ? about::published : about::offer, exchange_.offer(), {}, {}, {}, 0});
}

void receiving_end::answer_again(const verdict& stored) {
  auto said = read_receipt(stored.receipt);
  if (!said) return fail({errc::failed, {}, "the stored receipt can't be read"});
  known_ = true;
  digest_ = said->digest;
  progress_ = {said->size, said->size, said->size};
  job_ = stored.job;
  job_follows_ = job_.has_value();
  cut_ ? finish_done() : get_ready(stored.receipt);
}

void receiving_end::get_ready(bytes stored_receipt) {
  auto ready = exchange_.make_ready(std::move(stored_receipt), checkpoints_.safe(), job_follows_);
  if (!ready) return fail(ready.error());
  if (job_) append(*ready, exchange_.make_job_result(*job_));
  send(phase::getting_ready, std::move(*ready));
}

// -- failures

void receiving_end::step_failed(const failure& why) {
  if (is_over()) return;
  if (phase_ == phase::reopening || phase_ == phase::comparing) return drop_earlier();
  if (failing()) return leave();
  // In place, but perhaps not for good: nobody must be told that it was refused.
  fail(why, why.code != errc::unconfirmed);
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
  tell_ = tell;
  bool nothing_safe = created_ && checkpoints_.safe().bytes == 0;
  if (is_lost_with(why_.code) || nothing_safe) return discard();
  if (!created_) return leave();
  keep();
}

void receiving_end::keep() { start(phase::keeping, keep_file{}); }

void receiving_end::discard() {
  const auto& offer = exchange_.offer();
  if (offer.transfer.empty()) return leave(); // none was believed
  start(phase::discarding, discard_file{offer.transfer, offer.generation});
}

void receiving_end::leave() {
  if (cut_ || !tell_) return set_step(finish{why_, !cut_});
  send(phase::refusing, exchange_.make_refusal(why_));
}

} // namespace

std::unique_ptr<transfer_end> make_receiving_end(receiving_end_config config) {
  return std::make_unique<receiving_end>(std::move(config));
}

} // namespace hublink
