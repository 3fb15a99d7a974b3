#include "protocol/broadcast/spooling_transcript.hpp"
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/checkpoint_maker.hpp"
#include "protocol/transfer/sealed_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hublink {
namespace {

/// In this order. Between two records of the sender the results of the branches go out.
enum class spooling_phase {
  offer, ///< waiting for that record
  deciding,
  creating, ///< the spool's file
  answering,
  taking,  ///< the stream, record by record; then the sender's close
  telling, ///< what the board says
  writing, ///< a chunk's head; its body is in the file
  flushing,
  catching_up, ///< the disk is too far behind the stream
  syncing,     ///< the end is here
  noting,      ///< the owner hears how much is durable
  refusing,
};

/// What may come next of the stream.
enum class expected_part { segment, header, batch, content };

class spooling_end final : public record_end {
  using phase = spooling_phase;
  using expected = expected_part;

 public:
  explicit spooling_end(spooling_end_config config)
      : config_(std::move(config)), transcript_(config_), checkpoints_(config_.interval) {}
  ~spooling_end() override {
    if (has_place_) held().lose_source(config_.place->number);
  }

  std::span<std::byte> inbox() override {
    return step_is<wait_for_bytes>() ? room() : std::span<std::byte>{};
  }
  file_range file_inbox() override {
    if (!step_is<wait_for_bytes>()) return {};
    return {chunk_end_ - elsewhere(), elsewhere()};
  }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void flushed(const outcome<>& done) override;
  void cut(const failure& why) override;
  void wake_with(std::function<void()> wake) override { wake_ = std::move(wake); }
  void woken() override {
    if (phase_ == phase::taking && step_is<wait_for_bytes>()) rest();
  }
  bytes sign_of_life() const override {
    bool may = phase_ > phase::offer && phase_ != phase::refusing && !is_over();
    return may ? make_progress(progress_.safe) : bytes{};
  }
  transfer_progress progress() const override { return progress_; }
  std::string digest() const override { return {}; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { fail(why); }

  outcome<> take_record(record_type type, byte_view body);
  outcome<> take_offer(byte_view body);
  outcome<> take_chunk(byte_view body);
  void take_sign(byte_view body);
  void take_abort(byte_view body);
  bool may_come(record_type type) const;
  void take_place();
  spool& held() const { return *config_.place->held; }
  receiver_board& board() const { return *config_.place->board; }
  std::uint64_t next_chunk() const { return held().held().chunks + 1; }
  bool at_end() const { return next_chunk() > transcript_.chunks(); }
  void answer();
  void rest();
  bytes make_sign();
  bool make_checkpoint();
  void note_synced(const checkpoint& safe);
  void go(phase next, end_step step) {
    phase_ = next;
    set_step(std::move(step));
  }
  void send(phase next, bytes records) {
    phase_ = next;
    send_out(std::move(records));
  }
  void fail(failure why);
  void report_bad(std::uint64_t chunk);

  spooling_end_config config_;
  spooling_transcript transcript_;
  phase phase_ = phase::offer;
  expected next_ = expected::segment;
  bool takes_chunks_ = false; ///< a segment is whole
  bool told_safe_ = false;
  std::array<std::byte, record_head> chunk_head_{};
  std::uint64_t chunk_end_ = 0; ///< of the record that comes, in the spool's file
  checkpoint_maker checkpoints_;
  transfer_progress progress_;
  std::size_t told_ = 0, told_again_ = 0; ///< words of the board, from the first on
  std::optional<std::uint64_t> heard_;    ///< of so many receivers, says the sender that leaves
  std::uint64_t signs_ = 0;
  std::function<void()> wake_;
  waker woken_by_;
  bool has_place_ = false; ///< the offer was welcome
  std::optional<failure> late_cut_;
  failure why_;
};

// -- records

bool spooling_end::may_come(record_type type) const {
  if (phase_ == phase::offer) return type == record_type::offer;
  if (type == record_type::abort || type == record_type::progress) return true;
  if (held().held().complete || transcript_.offer().cancel) return false;
  switch (next_) {
  case expected::segment:
    return type == record_type::segment;
  case expected::header:
    return type == record_type::header;
  case expected::batch:
    return type == record_type::batch || (type == record_type::chunk && transcript_.has_envelopes());
  case expected::content:
    if (type == record_type::chunk) return !at_end();
    return type == record_type::segment || (type == record_type::end && at_end());
  }
  return false;
}

outcome<std::span<std::byte>> spooling_end::place(record_type type, std::uint32_t size) {
  if (may_come(type)) {
    if (type != record_type::chunk) return small_body(size);
    if (next_ == expected::batch && size <= max_metadata + tag_size) return small_body(size);
    auto whole = takes_chunks_ ? spool::record_size(next_chunk(), transcript_.offer().size,
                                                    transcript_.header().chunk_size)
                               : 0;
    if (next_ == expected::content && record_head + size == whole) {
      put_record_head(chunk_head_.data(), type, size);
      chunk_end_ = spool::offset_of(next_chunk(), transcript_.header().chunk_size) + whole;
      return std::span<std::byte>{}; // it goes into the file
    }
  }
  return {errc::bad_message, "a record " + std::string{to_string(type)} + " of " + std::to_string(size) +
                                 " bytes that must not come now"};
}

void spooling_end::take(record_type type, byte_view body) {
  if (type == record_type::abort) return take_abort(body);
  if (type == record_type::progress) return take_sign(body);
  if (auto taken = take_record(type, body); !taken) fail(taken.error());
}

outcome<> spooling_end::take_record(record_type type, byte_view body) {
  switch (type) {
  case record_type::offer:
    return take_offer(body);
  case record_type::segment:
    next_ = expected::header;
    return transcript_.read_segment(body, next_chunk());
  case record_type::header:
    next_ = expected::batch;
    return transcript_.read_header(body, held().held());
  case record_type::batch:
    return transcript_.read_batch(body);
  case record_type::chunk:
    return take_chunk(body);
  default:
    if (auto read = transcript_.read_end(body); !read) return read;
    held().close(make_record(record_type::end, body));
    go(phase::syncing, sync_file{});
    return {};
  }
}

outcome<> spooling_end::take_offer(byte_view body) {
  auto offer = transcript_.read_offer(body);
  if (!offer) return offer.error();
  go(phase::deciding, question::offer{*offer, make_record(record_type::offer, body)});
  return {};
}

outcome<> spooling_end::take_chunk(byte_view body) {
  if (next_ == expected::batch) {
    held().begin(transcript_.take_metadata(body), transcript_.header().chunk_size);
    next_ = expected::content;
    takes_chunks_ = true;
    return {};
  }
  go(phase::writing,
     write_file{spool::offset_of(next_chunk(), transcript_.header().chunk_size), chunk_head_});
  return {};
}

void spooling_end::take_sign(byte_view body) {
  auto sign = decode_progress(body);
  if (sign && (sign->bytes & heard_mark)) heard_ = sign->bytes & ~heard_mark;
}

void spooling_end::take_abort(byte_view body) {
  auto reason = transcript_.read_abort(body);
  if (!reason) return fail(reason.error());
  set_step(finish{failure{reason->code, transcript_.offer().sender, reason->text}, true});
}

// -- steps

void spooling_end::consulted(const verdict& answered) {
  if (is_over()) return;
  if (late_cut_) return set_step(finish{*late_cut_, false});
  if (auto* no = std::get_if<decision::refuse>(&answered)) return fail(no->why);
  if (!std::holds_alternative<decision::welcome>(answered) || !config_.place->held)
    return fail(unfit(answered));
  take_place();
  const auto there = held().held();
  if (there.complete || transcript_.offer().cancel) return answer();
  auto keep = there.chunks == 0 ? 0 : spool::offset_of(there.chunks + 1, there.chunk_size);
  const auto& offer = transcript_.offer();
  progress_ = {std::min<std::uint64_t>(offer.size, there.chunks * there.chunk_size), offer.size, 0};
  checkpoints_.start({held().confirmed_bytes(), {}});
  go(phase::creating,
     create_file{config_.place->storage, offer.generation, offer.size, 0600, keep, offer.sender});
}

void spooling_end::take_place() {
  has_place_ = true;
  if (wake_) woken_by_ = board().tellers().add(wake_);
}

void spooling_end::answer() {
  auto there = transcript_.offer().cancel ? spool::holding{} : held().held();
  send(phase::answering, transcript_.make_spool_ready(there));
}

void spooling_end::completed() {
  if (is_over()) return;
  if (phase_ == phase::writing) {
    held().add_chunk();
    auto chunks = held().held().chunks;
    progress_.bytes = std::min<std::uint64_t>(progress_.size, chunks * transcript_.header().chunk_size);
  }
  if (late_cut_ && phase_ != phase::refusing && phase_ != phase::syncing && phase_ != phase::catching_up)
    return set_step(finish{*late_cut_, false});
  switch (phase_) {
  case phase::creating:
    return answer();
  case phase::refusing:
    return set_step(finish{why_, true});
  case phase::catching_up:
  case phase::syncing:
    return note_synced(checkpoints_.take({progress_.bytes, {}}));
  default:
    return rest();
  }
}

void spooling_end::rest() {
  if (auto chunk = held().bad_from_above()) return report_bad(chunk);
  if (make_checkpoint()) return;
  bytes out;
  for (const auto& each : board().to_tell(told_)) append_record(out, record_type::branch, encode(each));
  auto signs = board().signs();
  if (out.empty() && held().is_safe() && !transcript_.offer().cancel && !std::exchange(told_safe_, true))
    append(out, transcript_.make_spool_ready(held().held()));
  if (std::exchange(signs_, signs) != signs) append(out, make_sign());
  if (!out.empty()) return send(phase::telling, std::move(out));
  go(phase::taking, wait_for_bytes{});
}

// The sender has all words and does not close: one that was altered on its way may have been nothing to it.
bytes spooling_end::make_sign() {
  auto out = make_progress(held().confirmed_bytes());
  if (!board().all_settled() || told_ != board().size()) return out;
  for (const auto& each : board().news(told_again_)) append_record(out, record_type::branch, encode(each));
  if (told_again_ == told_) told_again_ = 0;
  return out;
}

// Beside the stream, as a receiver does.
bool spooling_end::make_checkpoint() {
  if (!takes_chunks_ || held().held().complete) return false;
  if (checkpoints_.is_flushed()) {
    note_synced(checkpoints_.take_flushed());
    return true;
  }
  if (progress_.bytes == checkpoints_.safe().bytes) return false;
  if (checkpoints_.is_due(progress_.bytes)) {
    checkpoints_.begin({progress_.bytes, {}});
    go(phase::flushing, flush_file{});
    return true;
  }
  if (!checkpoints_.is_too_far(progress_.bytes)) return false;
  go(phase::catching_up, sync_file{});
  return true;
}

void spooling_end::note_synced(const checkpoint& safe) {
  auto chunk_size = transcript_.header().chunk_size;
  bool all = safe.bytes == transcript_.offer().size;
  held().synced(all ? transcript_.chunks() : safe.bytes / chunk_size);
  progress_.safe = safe.bytes;
  go(phase::noting, question::safe{safe});
}

void spooling_end::flushed(const outcome<>& done) {
  if (is_over() || !checkpoints_.is_flushing()) return;
  checkpoints_.flushed(bool(done));
  if (!done) return step_failed(done.error());
  if (phase_ == phase::taking && step_is<wait_for_bytes>()) rest();
}

// -- failures

// After a failed sync the kernel may have dropped what was written since the last good one.
void spooling_end::step_failed(const failure& why) {
  if (takes_chunks_) held().distrust(checkpoints_.safe().bytes / transcript_.header().chunk_size + 1);
  fail(why);
}

void spooling_end::fail(failure why) {
  if (is_over()) return;
  why_ = std::move(why);
  send(phase::refusing, transcript_.make_refusal(why_));
}

// It was fetched again, and is no better: it is bad where it comes from, or further up.
void spooling_end::report_bad(std::uint64_t chunk) {
  why_ = {errc::tampered,
          {},
          "chunk " + std::to_string(chunk) + " opens at no receiver, though it was fetched again"};
  send(phase::refusing, transcript_.make_refusal(why_, chunk));
}

// The sender closes when it has everybody's result, or the promise that it will have.
void spooling_end::cut(const failure& why) {
  if (is_over()) return;
  if (phase_ == phase::refusing) return set_step(finish{why_, false});
  bool all_told = has_place_ && board().all_settled() && told_ == board().size();
  bool closed = why.text == "end of stream";
  if (phase_ == phase::taking && all_told && closed) {
    config_.place->all_heard = heard_ == board().last_words();
    return set_step(finish{{}, true});
  }
  if (owes_report())
    late_cut_ = why;
  else
    set_step(finish{why, false});
}

} // namespace

std::unique_ptr<circuit_end> make_spooling_end(spooling_end_config config) {
  return std::make_unique<spooling_end>(std::move(config));
}

} // namespace hublink
