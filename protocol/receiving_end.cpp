#include "protocol/end_base.hpp"
#include "protocol/receiving_exchange.hpp"

#include <optional>

namespace hublink {
namespace {

using about = consult_owner::about;

constexpr std::uint64_t report_every = 64 << 20; // bytes of content between two records `progress`

/// In this order. A failure before the end: `discarding` if there is a file, `refusing` unless the circuit is
/// gone, over. Once the end record is verified nothing more is needed of the circuit, and a cut changes
/// nothing.
enum class phase {
  offer, ///< waiting for that record, as in all phases named after one
  deciding,
  getting_ready,
  header,
  envelopes,
  metadata, ///< chunk 0
  creating,
  content, ///< a chunk: back and forth between here
  writing,
  reporting, ///< … and here
  end,
  syncing,
  noting, ///< the owner writes down that the rename comes next
  publishing,
  committing, ///< the owner writes down that it is done
  receipting,
  discarding,
  refusing,
};

std::optional<record_type> expected_in(phase now) {
  switch (now) {
  case phase::offer:
    return record_type::offer;
  case phase::header:
    return record_type::header;
  case phase::envelopes:
    return record_type::envelopes;
  case phase::metadata:
  case phase::content:
    return record_type::chunk;
  case phase::end:
    return record_type::end;
  default:
    return {};
  }
}

class receiving_end final : public end_base {
 public:
  explicit receiving_end(receiving_end_config config) : exchange_(std::move(config)) {}

  std::span<std::byte> inbox() override {
    return step_is<wait_for_bytes>() ? room() : std::span<std::byte>{};
  }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void cut(const failure& why) override;
  transfer_progress progress() const override { return progress_; }
  std::string digest() const override { return digest_; }

 private:
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
  void answer_again(const bytes& stored);
  void get_ready(bytes stored_receipt);
  void chunk_written();
  void note_publishing();
  void fail(failure why, bool tell = true);
  void leave();
  void finish_done() { set_step(finish{{}, true}); }

  bool end_verified() const { return phase_ >= phase::syncing && phase_ <= phase::receipting; }
  bool failing() const { return phase_ >= phase::discarding; }

  receiving_exchange exchange_;
  phase phase_ = phase::offer;
  std::optional<incoming_stream> stream_;
  transfer_progress progress_;
  std::uint64_t reported_ = 0; ///< in the last record `progress`
  std::string digest_;
  bytes receipt_;
  bool known_ = false;   ///< was received before: nothing but its receipt is sent
  bool created_ = false; ///< there may be a partial file
  bool cut_ = false, tell_ = true;
  std::optional<failure> late_cut_; ///< to be acted on once the owed report is in
  failure why_;
};

// -- records

outcome<std::span<std::byte>> receiving_end::place(record_type type, std::uint32_t size) {
  bool abort = type == record_type::abort && phase_ != phase::offer;
  if (type == expected_in(phase_) || abort) {
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
  start(phase::deciding, consult_owner{about::offer, *offer, {}, {}, 0});
  return {};
}

outcome<> receiving_end::take_envelopes(byte_view body) {
  auto stream = exchange_.read_envelopes(body);
  if (!stream) return stream.error();
  stream_ = std::move(*stream);
  wait(phase::metadata);
  return {};
}

outcome<> receiving_end::take_metadata(byte_view body) {
  auto metadata = stream_->open_metadata(small_body(body.size())); // where it lies already
  if (!metadata) return metadata.error();
  auto& offer = exchange_.offer();
  progress_.size = metadata->size;
  created_ = true; // also if it fails half-way
  start(phase::creating, create_file{offer.transfer, offer.generation, metadata->size, metadata->mode});
  return {};
}

outcome<> receiving_end::take_chunk() {
  auto content = stream_->open_chunk();
  if (!content) return content.error();
  if (content->empty())
    chunk_written();
  else
    start(phase::writing, write_file{stream_->passed(), *content});
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
  if (late_cut_ && !failing()) return fail(*late_cut_);
  switch (phase_) {
  case phase::getting_ready:
    return known_ ? finish_done() : wait(phase::header);
  case phase::creating:
  case phase::reporting:
    return wait(phase::content);
  case phase::writing:
    return chunk_written();
  case phase::syncing:
    return note_publishing();
  case phase::publishing:
    return start(phase::committing, consult_owner{about::published, exchange_.offer(), {}, {}, 0});
  case phase::receipting:
    return finish_done();
  case phase::discarding:
    return leave();
  case phase::refusing:
    return set_step(finish{why_, true});
  default:
    return;
  }
}

void receiving_end::chunk_written() {
  stream_->advance();
  progress_.bytes = stream_->passed();
  if (stream_->complete()) return wait(phase::end);
  if (progress_.bytes - reported_ < report_every) return wait(phase::content);
  reported_ = progress_.bytes;
  send(phase::reporting, make_record(record_type::progress, encode(progress_record{reported_})));
}

void receiving_end::note_publishing() {
  receipt_ = exchange_.make_receipt(progress_.size, digest_);
  start(phase::noting,
        consult_owner{about::publishing, exchange_.offer(), receipt_, digest_, progress_.size});
}

void receiving_end::consulted(const verdict& answer) {
  if (is_over()) return;
  if (phase_ == phase::committing)
    return cut_ ? finish_done() : send(phase::receipting, make_record(record_type::receipt, receipt_));
  if (phase_ == phase::deciding && answer.decision == verdict::kind::already_done)
    return answer_again(answer.receipt);
  if (late_cut_) return fail(*late_cut_);
  if (answer.decision == verdict::kind::refuse) return fail(answer.why);
  if (phase_ == phase::noting) return start(phase::publishing, publish_file{});
  if (phase_ == phase::deciding) get_ready({});
}

void receiving_end::answer_again(const bytes& stored) {
  auto said = read_receipt(stored);
  if (!said) return fail({errc::failed, {}, "the stored receipt can't be read"});
  known_ = true;
  digest_ = said->digest;
  progress_ = {said->size, said->size};
  cut_ ? finish_done() : get_ready(stored);
}

void receiving_end::get_ready(bytes stored_receipt) {
  auto ready = exchange_.make_ready(std::move(stored_receipt));
  if (!ready) return fail(ready.error());
  send(phase::getting_ready, std::move(*ready));
}

// -- failures

void receiving_end::step_failed(const failure& why) {
  if (is_over()) return;
  if (phase_ == phase::discarding) return leave();
  fail(why);
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
  if (created_)
    start(phase::discarding, discard_file{});
  else
    leave();
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
