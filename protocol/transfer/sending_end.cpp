#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/file_sender.hpp"
#include "protocol/transfer/sending_transcript.hpp"

#include <optional>

namespace hublink {
namespace {

/// In this order; `aborting` when the file went wrong. READY and the receipt may come while the record that
/// they answer is still being reported as sent: they are kept until then.
enum class sending_phase {
  opening,
  naming, ///< the owner says which generation of the source this is
  offering,
  ready,     ///< waiting for that record, as in `receipt`
  comparing, ///< what the receiver has with the source
  starting,  ///< sending header, envelopes and metadata
  content,   ///< reading and sending it
  noting,    ///< the owner writes down that all is sent
  ending,
  receipt,
  job,          ///< published; waiting for the result of the receiver's job
  handing_over, ///< it to the owner: nothing more is needed of the circuit
  aborting,
};

class sending_end final : public record_end {
 public:
  explicit sending_end(sending_end_config config);

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }
  void completed() override;
  void opened(const file_facts& facts) override;
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void cut(const failure& why) override;
  bytes sign_of_life() const override;
  transfer_progress progress() const override { return file_.progress(); }
  std::string digest() const override { return digest_; }

 private:
  using phase = sending_phase;

  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { break_off(why, false); }

  outcome<> take_ready(byte_view body);
  outcome<> take_stored_receipt(byte_view body);
  outcome<> take_receipt(byte_view body);
  outcome<> take_job_result(byte_view body);
  void take_refusal(byte_view body);

  void start(phase next, end_step step);
  void send(phase next, bytes record);
  void offer();
  void begin();
  void compare();
  void open_stream();
  void send_content();
  void abort(const failure& why);
  void break_off(failure why, bool courtesy);
  void published();
  void finish_done() { set_step(finish{{}, true}); }

  sending_transcript transcript_;
  phase phase_ = phase::opening;
  file_sender file_;
  std::string digest_;
  std::optional<checkpoint> ready_; ///< READY was verified
  bool all_sent_ = false;           ///< the receiver may publish from now on
  bool job_follows_ = false;        ///< READY said so
  bool may_sign_ = false;           ///< … that it takes signs of life behind the header
  failure why_;                     ///< of an abort
};

sending_end::sending_end(sending_end_config config) : transcript_(std::move(config)) {
  if (transcript_.cancels())
    offer();
  else
    set_step(open_file{});
}

// -- records

outcome<std::span<std::byte>> sending_end::place(record_type type, std::uint32_t size) {
  bool fits = phase_ > phase::naming;
  switch (type) {
  case record_type::ready:
    fits = fits && phase_ <= phase::ready && !ready_;
    break;
  case record_type::progress:
    break;
  case record_type::receipt:
    fits = fits && phase_ >= phase::ending && phase_ <= phase::receipt;
    break;
  case record_type::job_result:
    fits = phase_ == phase::job;
    break;
  case record_type::refusal:
    break;
  default:
    fits = false;
  }
  if (fits) return small_body(size);
  return {errc::bad_message, "a record " + std::string{to_string(type)} + " that must not come now"};
}

void sending_end::take(record_type type, byte_view body) {
  if (phase_ == phase::aborting) return;
  if (type == record_type::refusal) return take_refusal(body);
  auto taken = type == record_type::ready        ? take_ready(body)
               : type == record_type::progress   ? file_.take_progress(body, file_.is_sending())
               : type == record_type::job_result ? take_job_result(body)
                                                 : take_receipt(body);
  if (!taken) break_off(taken.error(), false);
}

outcome<> sending_end::take_ready(byte_view body) {
  auto ready = transcript_.read_ready(body);
  if (!ready) return ready.error();
  job_follows_ = ready->job_follows;
  may_sign_ = ready->takes_signs;
  if (!ready->receipt.empty()) return take_stored_receipt(ready->receipt);
  if (transcript_.cancels()) return {errc::bad_message, "READY in answer to a cancellation"};
  if (ready->safe.bytes > file_.facts().size) return {errc::bad_message, "READY beyond the file's end"};
  ready_ = std::move(ready->safe);
  if (phase_ == phase::ready) begin();
  return {};
}

outcome<> sending_end::take_stored_receipt(byte_view body) {
  auto receipt = transcript_.read_stored_receipt(body);
  if (!receipt) return receipt.error();
  // Of the content that an earlier attempt sent, whatever the source holds by now: one transfer has one
  // outcome.
  digest_ = receipt->digest;
  file_.sent_earlier({receipt->size, receipt->size, receipt->size});
  published();
  return {};
}

// A job's result is part of the outcome: without it the receiver is asked again.
void sending_end::published() {
  if (!job_follows_) return finish_done();
  all_sent_ = true;
  start(phase::job, wait_for_bytes{});
}

outcome<> sending_end::take_job_result(byte_view body) {
  auto result = transcript_.read_job_result(body);
  if (!result) return result.error();
  start(phase::handing_over, question::job_ended{std::move(*result)});
  return {};
}

outcome<> sending_end::take_receipt(byte_view body) {
  if (auto read = transcript_.read_receipt(body, file_.facts().size, digest_); !read) return read;
  published();
  return {};
}

void sending_end::take_refusal(byte_view body) {
  auto reason = transcript_.read_refusal(body);
  if (!reason) return break_off(reason.error(), false);
  all_sent_ = false; // it says for sure that nothing was published
  break_off(said_by_end({reason->code, transcript_.recipient(), reason->text}), true);
}

// -- steps

void sending_end::start(phase next, end_step step) {
  phase_ = next;
  set_step(std::move(step));
}

void sending_end::send(phase next, bytes record) {
  phase_ = next;
  send_out(std::move(record));
}

void sending_end::opened(const file_facts& facts) {
  if (is_over()) return;
  if (phase_ != phase::content) return start(phase::naming, file_.opened(facts));
  auto same = file_.rechecked(facts);
  same ? send_content() : abort(same.error());
}

void sending_end::offer() {
  auto record = transcript_.make_offer();
  if (!record) return break_off(known_here(record.error()), true);
  send(phase::offering, std::move(*record));
}

void sending_end::begin() {
  if (!transcript_.can_resume(*ready_, file_.facts().size)) return open_stream();
  file_.compare(prefix_check{*ready_});
  compare();
}

void sending_end::compare() {
  if (auto next = file_.compare_on()) return start(phase::comparing, std::move(*next));
  open_stream();
}

// A prefix that differs is no failure: the source changed unnoticed, and all of it is sent again.
void sending_end::open_stream() {
  auto prefix = file_.take_prefix(transcript_.digest());
  auto opening = transcript_.open_stream(file_.facts(), prefix.bytes, std::move(prefix.digest));
  if (!opening) return abort(opening.error());
  file_.begin(std::move(opening->stream));
  send(phase::starting, std::move(opening->records));
}

void sending_end::completed() {
  if (is_over()) return;
  switch (phase_) {
  case phase::offering:
    start(phase::ready, wait_for_bytes{});
    if (ready_) begin();
    return;
  case phase::comparing:
    file_.completed();
    return compare();
  case phase::starting:
    return send_content();
  case phase::content:
    file_.completed();
    return send_content();
  case phase::ending:
    return start(phase::receipt, wait_for_bytes{});
  case phase::aborting:
    return break_off(why_, true);
  default:
    return;
  }
}

void sending_end::send_content() {
  if (auto still = transcript_.still_trusted(); !still) return abort(still.error());
  auto next = file_.send_on();
  if (!next) return abort(next.error());
  if (*next) return start(phase::content, std::move(**next));
  start(phase::noting, question::all_sent{{}});
}

void sending_end::consulted(const verdict& answer) {
  if (is_over()) return;
  auto* no = std::get_if<decision::refuse>(&answer);
  if (phase_ == phase::naming) {
    auto* named = std::get_if<decision::generation>(&answer);
    if (!named) return break_off(known_here(no ? no->why : unfit(answer)), true);
    transcript_.set_generation(named->number);
    return offer();
  }
  if (phase_ == phase::handing_over) return finish_done(); // published, whatever became of the job
  if (!std::holds_alternative<decision::go_on>(answer)) return abort(no ? no->why : unfit(answer));
  all_sent_ = true;
  digest_ = file_.digest();
  send(phase::ending, transcript_.make_end(file_.facts().size, digest_));
}

// -- failures

void sending_end::step_failed(const failure& why) {
  if (is_over()) return;
  if (phase_ == phase::opening) return break_off(known_here(why), true); // the receiver was told nothing
  abort(why);
}

void sending_end::abort(const failure& why) {
  why_ = known_here(why);
  send(phase::aborting, transcript_.make_abort(why));
}

void sending_end::cut(const failure& why) {
  if (is_over() || phase_ == phase::handing_over) return;
  break_off(why, false);
}

// What it waits for before the offer, nobody there knows of; behind its last record the receiver has the
// word.
bytes sending_end::sign_of_life() const {
  bool before_header = phase_ >= phase::offering && phase_ <= phase::comparing;
  bool behind_it = may_sign_ && phase_ >= phase::starting && phase_ <= phase::noting;
  return before_header || behind_it ? make_progress(0) : bytes{};
}

void sending_end::break_off(failure why, bool courtesy) {
  if (phase_ == phase::aborting) why = why_;
  auto lacks = phase_ == phase::job ? "the file is published, but its job's result did not come: "
                                    : "all was sent, but no receipt came: ";
  if (all_sent_) why = {errc::unconfirmed, {}, lacks + why.text};
  set_step(finish{std::move(why), courtesy});
}

} // namespace

std::unique_ptr<circuit_end> make_sending_end(sending_end_config config) {
  return std::make_unique<sending_end>(std::move(config));
}

} // namespace hublink
