#include "protocol/broadcast/broadcast_ends.hpp"
#include "protocol/broadcast/envelope_batch.hpp"
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/receipt.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hublink {
namespace {

constexpr std::uint64_t most_at_once = 1 << 20; ///< bytes of content, before anything else is looked at

/// In this order.
enum class feeding_phase {
  offering,
  answer,   ///< waiting for READY or spool_ready
  idle,     ///< waiting for more to come into the spool, or for results
  opening,  ///< the spool's file
  starting, ///< sending what stands before a segment's chunks, a batch of envelopes at a time
  sending,  ///< chunks, out of it
  signalling,
  ending, ///< sending the end record
};

class feeding_end final : public record_end {
  using phase = feeding_phase;

 public:
  explicit feeding_end(feeding_end_config config);
  ~feeding_end() override {
    if (!is_over()) leave_in_doubt();
  }

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override { break_off(unfit(answer), false); }
  void step_failed(const failure& why) override { break_off(why, false); }
  void cut(const failure& why) override { break_off(why, false); }
  void wake_with(std::function<void()> wake) override {
    woken_by_ = config_.held->feeders().add(std::move(wake));
  }
  void woken() override {
    if (phase_ == phase::idle && step_is<wait_for_bytes>()) go_on();
  }
  bytes sign_of_life() const override { return answered_ && !is_over() ? make_progress(passed_) : bytes{}; }
  transfer_progress progress() const override { return {passed_, offer_.size, 0}; }
  std::string digest() const override { return {}; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { break_off(why, false); }

  outcome<> take_record(record_type type, byte_view body);
  outcome<> take_ready(byte_view body);
  outcome<> take_spool_ready(byte_view body);
  outcome<> take_receipt(byte_view body);
  outcome<> take_job_result(byte_view body);
  outcome<> take_branch(byte_view body);
  outcome<> take_refusal(byte_view body);
  outcome<> check_receipt(const std::string& name, byte_view body) const;
  outcome<reason_record> read_refusal(const std::string& name, byte_view body) const;
  outcome<> pass_on(branch_record record);

  void answered(std::uint64_t first_chunk);
  void go_on();
  void send_chunks(std::uint64_t ready);
  void begin_part(const spool::segment_ptr& part);
  void wrap(bytes records);
  void settle_if_told();
  void leave_in_doubt();
  void break_off(const failure& why, bool courtesy);
  void go(phase next, end_step step) {
    phase_ = next;
    set_step(std::move(step));
  }
  void send(phase next, bytes records) {
    phase_ = next;
    send_out(std::move(records));
  }

  bool feeds_receiver() const { return config_.names.size() == 1; }
  const std::string& receiver() const { return config_.names.front(); }
  std::uint64_t chunks() const { return chunk_count(offer_.size, config_.held->held().chunk_size); }

  feeding_end_config config_;
  const std::set<std::string> names_;
  std::set<std::string> passed_over_; ///< of them: no way leads there from where this ends
  std::size_t settled_ = 0;           ///< of them, so many from the first on
  phase phase_ = phase::offering;
  transfer_offer offer_;
  statement_hash offer_hash_{};
  bool answered_ = false, by_hub_ = false, sent_all_ = false;
  bool file_is_open_ = false; ///< it is there once there is a chunk in it
  bool job_follows_ = false;
  bytes receipt_;               ///< held until its job's result is there
  std::uint64_t next_ = 1;      ///< chunk
  std::uint64_t under_way_ = 0; ///< chunks, from that one on
  std::uint64_t passed_ = 0, signs_ = 0;
  waker woken_by_;
  spool::segment_ptr part_; ///< that is being sent
  std::size_t wrapped_ = 0; ///< of the names, so many from the first on have their envelope
};

feeding_end::feeding_end(feeding_end_config config)
    : config_(std::move(config)), names_(config_.names.begin(), config_.names.end()),
      offer_(config_.held->offer()), offer_hash_(config_.held->offer_hash()), signs_(config_.held->signs()) {
  send(phase::offering, config_.held->offer_record());
}

// -- records

outcome<std::span<std::byte>> feeding_end::place(record_type type, std::uint32_t size) {
  bool fits = false;
  switch (type) {
  case record_type::ready:
    fits = !answered_ && feeds_receiver();
    break;
  case record_type::spool_ready: // again when all is durable there
    fits = !answered_ || by_hub_;
    break;
  case record_type::receipt:
    fits = sent_all_ && !by_hub_ && receipt_.empty();
    break;
  case record_type::job_result:
    fits = job_follows_ && !receipt_.empty();
    break;
  case record_type::branch:
    fits = by_hub_;
    break;
  case record_type::progress:
  case record_type::refusal:
    fits = true;
    break;
  default:
    break;
  }
  if (fits) return small_body(size);
  return {errc::bad_message, "a record " + std::string{to_string(type)} + " that must not come now"};
}

void feeding_end::take(record_type type, byte_view body) {
  if (auto taken = take_record(type, body); !taken) break_off(taken.error(), false);
}

outcome<> feeding_end::take_record(record_type type, byte_view body) {
  switch (type) {
  case record_type::ready:
    return take_ready(body);
  case record_type::spool_ready:
    return take_spool_ready(body);
  case record_type::receipt:
    return take_receipt(body);
  case record_type::job_result:
    return take_job_result(body);
  case record_type::branch:
    return take_branch(body);
  case record_type::refusal:
    return take_refusal(body);
  default:
    return {};
  }
}

outcome<> feeding_end::take_ready(byte_view body) {
  auto statement = read_statement(record_type::ready, offer_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = verify_client(*statement, receiver(), *config_.ca, config_.now()); !fine) return fine;
  auto ready = decode_ready(statement->body);
  if (!ready) return ready.error();
  job_follows_ = ready->job_follows;
  if (!ready->receipt.empty()) {
    answered_ = true;
    return take_receipt(ready->receipt);
  }
  if (offer_.cancel) return {errc::bad_message, "READY in answer to a cancellation"};
  // What does not end with a chunk of this size can't be gone on from: the receiver is told where it begins.
  auto size = config_.held->held().chunk_size;
  bool resumes = size > 0 && ready->safe.bytes % size == 0 && ready->safe.bytes < offer_.size;
  answered(resumes ? ready->safe.bytes / size + 1 : 1);
  return {};
}

outcome<> feeding_end::take_spool_ready(byte_view body) {
  if (answered_) return {};
  auto statement = read_statement(record_type::spool_ready, offer_hash_, body);
  if (!statement) return statement.error();
  if (auto hub = verify_server(*statement, *config_.ca, config_.now()); !hub) return hub.error();
  auto ready = decode_spool_ready(statement->body);
  if (!ready) return ready.error();
  by_hub_ = true;
  sent_all_ = ready->complete || offer_.cancel;
  auto held = config_.held->held();
  // It may hold more than a point that lost what was not synced yet.
  bool resumes = held.chunks == 0 || held.chunk_size == ready->chunk_size;
  answered(resumes ? ready->chunks + 1 : 1);
  return {};
}

outcome<> feeding_end::check_receipt(const std::string& name, byte_view body) const {
  auto statement = verify_receipt(body, *config_.ca, config_.now());
  if (!statement) return statement.error();
  bool same = statement->transfer == offer_.transfer && statement->sender == offer_.sender &&
              statement->receiver == name;
  if (!same) return {errc::tampered, "a receipt of another transfer or receiver"};
  return {};
}

outcome<> feeding_end::take_receipt(byte_view body) {
  if (auto fine = check_receipt(receiver(), body); !fine) return fine;
  receipt_.assign(body.begin(), body.end());
  if (job_follows_) return {};
  config_.board->say({.name = receiver(), .type = record_type::receipt, .body = receipt_});
  settle_if_told();
  return {};
}

outcome<> feeding_end::take_job_result(byte_view body) {
  auto statement = read_statement(record_type::job_result, offer_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = verify_client(*statement, receiver(), *config_.ca, config_.now()); !fine) return fine;
  config_.board->say({receiver(), record_type::receipt, receipt_, {}, {body.begin(), body.end()}});
  settle_if_told();
  return {};
}

// What a receiver said counts here as at the sender: under its signature alone. Else a bit that flips on the
// way up would make somebody done here who can't be done there.
outcome<> feeding_end::take_branch(byte_view body) {
  auto statement = decode_branch(body);
  if (!statement) return statement.error();
  if (!names_.count(statement->name))
    return {errc::tampered, "a word of " + statement->name + ", who is not a receiver there"};
  if (auto passed = pass_on(std::move(*statement)); !passed) return passed;
  settle_if_told();
  return {};
}

outcome<> feeding_end::pass_on(branch_record record) {
  if (record.type == record_type::receipt)
    if (auto fine = check_receipt(record.name, record.body); !fine) return fine;
  if (record.type == record_type::refusal) {
    auto reason = read_refusal(record.name, record.body);
    if (!reason) return reason.error();
    const auto why = said_by_end({reason->code, record.name, reason->text});
    config_.board->keep_refusal(record.name, std::move(record.body), why);
    config_.board->give_up(record.name, why);
    return {};
  }
  // Only the upper point of a tree keeps a file: what one below says of a store is as if nobody answered.
  const bool is_of_store = record.why.code == errc::stored || record.why.code == errc::expired;
  if (!record.type && is_of_store) record.why.code = errc::timed_out;
  if (!record.type && may_work_elsewhere(record.why)) {
    const bool is_news = passed_over_.insert(record.name).second;
    if (is_news) config_.board->pass_over(record.name, std::move(record.why));
    return {};
  }
  config_.board->say(std::move(record));
  return {};
}

outcome<reason_record> feeding_end::read_refusal(const std::string& name, byte_view body) const {
  auto statement = read_statement(record_type::refusal, offer_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = verify_client(*statement, name, *config_.ca, config_.now()); !fine) return fine.error();
  return decode_reason(statement->body);
}

outcome<> feeding_end::take_refusal(byte_view body) {
  auto statement = read_statement(record_type::refusal, offer_hash_, body);
  if (!statement) return statement.error();
  const auto by_hub = verify_server(*statement, *config_.ca, config_.now());
  const bool by_receiver = !by_hub && feeds_receiver();
  if (!by_hub && !feeds_receiver()) return by_hub.error();
  if (by_receiver)
    if (auto fine = verify_client(*statement, receiver(), *config_.ca, config_.now()); !fine) return fine;
  auto reason = decode_reason(statement->body);
  if (!reason) return reason.error();
  if (reason->code == errc::tampered && reason->chunk > 0) {
    if (by_receiver) config_.held->blame(reason->chunk, config_.steady_time());
    if (by_hub_) config_.held->blame_by_point(reason->chunk, config_.steady_time());
    if (config_.held->is_distrusted()) config_.board->give_sign(); // the spooling end may have to tell it
  }
  failure why{reason->code, by_receiver ? receiver() : *by_hub, reason->text};
  if (by_receiver) why = said_by_end(std::move(why));
  if (by_receiver) config_.board->keep_refusal(receiver(), {body.begin(), body.end()}, why);
  break_off(why, true);
  return {};
}

// -- steps

void feeding_end::answered(std::uint64_t first_chunk) {
  answered_ = true;
  next_ = first_chunk;
  if (phase_ == phase::answer) go_on();
}

void feeding_end::completed() {
  if (is_over()) return;
  switch (phase_) {
  case phase::offering:
    if (answered_) return go_on();
    return go(phase::answer, wait_for_bytes{});
  case phase::opening:
    file_is_open_ = true;
    return go_on();
  case phase::starting:
    return wrapped_ < config_.names.size() ? wrap({}) : go_on();
  case phase::sending:
    next_ += under_way_;
    passed_ = std::min(offer_.size, (next_ - 1) * config_.held->held().chunk_size);
    return go_on();
  case phase::ending:
    sent_all_ = true;
    return go(phase::idle, wait_for_bytes{});
  default:
    return go_on();
  }
}

void feeding_end::go_on() {
  if (sent_all_) return go(phase::idle, wait_for_bytes{});
  // Before the look: all that came until then is seen.
  bool over = config_.held->is_over();
  auto end = config_.held->end_record();
  auto place = config_.held->at(next_);
  if (place.part && place.part != part_) return begin_part(place.part);
  if (place.ready > 0 && !file_is_open_)
    return go(phase::opening, reopen_file{config_.storage, offer_.generation});
  if (place.ready > 0) return send_chunks(place.ready);
  if (!end.empty()) return send(phase::ending, std::move(end));
  if (over) return break_off({errc::cut, {}, "the sender's circuit ended before all was here"}, false);
  if (auto signs = config_.held->signs(); std::exchange(signs_, signs) != signs)
    return send(phase::signalling, make_progress(passed_));
  go(phase::idle, wait_for_bytes{});
}

void feeding_end::send_chunks(std::uint64_t ready) {
  auto chunk_size = config_.held->held().chunk_size;
  under_way_ = std::clamp<std::uint64_t>(most_at_once / chunk_size, 1, ready);
  auto from = spool::offset_of(next_, chunk_size);
  auto to = spool::length_of(next_ + under_way_ - 1, offer_.size, chunk_size);
  go(phase::sending, send_from_file{from, to - from});
}

void feeding_end::begin_part(const spool::segment_ptr& part) {
  part_ = part;
  wrapped_ = 0;
  auto records = make_record(record_type::segment, encode(segment_record{next_}));
  append(records, part->header);
  wrap(std::move(records));
}

void feeding_end::wrap(bytes records) {
  envelopes_record some;
  for (; wrapped_ < config_.names.size() && some.by_name.size() < most_in_batch; ++wrapped_) {
    auto own = part_->envelopes.find(config_.names[wrapped_]);
    if (own != part_->envelopes.end()) some.by_name.insert(*own);
  }
  if (!by_hub_) append_record(records, record_type::envelopes, encode(some));
  if (by_hub_ && !some.by_name.empty()) append_record(records, record_type::batch, pack_envelopes(some));
  if (wrapped_ == config_.names.size()) append(records, part_->metadata);
  send(phase::starting, std::move(records));
}

void feeding_end::settle_if_told() {
  auto is_over_for = [this](const std::string& name) {
    return passed_over_.count(name) || config_.board->is_settled(name);
  };
  while (settled_ < config_.names.size() && is_over_for(config_.names[settled_])) ++settled_;
  if (settled_ == config_.names.size()) set_step(finish{{}, true});
}

// Once the end record is out, only the receiver knows whether it published, or the point that has all.
void feeding_end::leave_in_doubt() {
  if ((!sent_all_ && phase_ != phase::ending) || offer_.cancel) return;
  for (const auto& name : config_.names)
    if (!passed_over_.count(name)) config_.board->doubt(name);
}

void feeding_end::break_off(const failure& why, bool courtesy) {
  if (is_over()) return;
  if (why.by != evidence::proof || why.code == errc::unconfirmed) leave_in_doubt(); // not of what it refuses
  bool unsure = sent_all_ && !courtesy;
  set_step(
      finish{unsure ? failure{errc::unconfirmed, {}, "all was sent, but no receipt came: " + why.text} : why,
             courtesy});
}

} // namespace

std::unique_ptr<circuit_end> make_feeding_end(feeding_end_config config) {
  return std::make_unique<feeding_end>(std::move(config));
}

} // namespace hublink
