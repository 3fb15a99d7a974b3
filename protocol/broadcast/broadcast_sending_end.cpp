#include "protocol/broadcast/broadcast_sending_transcript.hpp"
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/file_sender.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace hublink {
namespace {

/// In this order. What an earlier attempt sent to its end is offered first, and read again only if the spool
/// lost it.
enum class broadcast_phase {
  opening,
  naming, ///< the owner says which generation of the source this is
  offering,
  answer,    ///< waiting for spool_ready
  comparing, ///< taking the digest of what the spool has
  starting,  ///< sending segment and header
  wrapping,  ///< sending envelopes, then the metadata
  describing,
  content, ///< reading and sending it
  noting,  ///< the owner writes down that all is sent
  ending,
  results, ///< waiting for those of the receivers
  leaving, ///< saying of how many it has heard
  aborting,
};

std::set<std::string> names_of(const broadcast_sending_transcript& transcript) {
  const auto& all = transcript.config().sending.offer.recipients;
  return {all.begin(), all.end()};
}

/// The point waits for that receiver.
bool is_stored(const outcome<>& result) { return !result && result.error().code == errc::stored; }

/// What a point says of a receiver whom another one may have served, or still serves, by an earlier attempt.
void doubt(outcome<>& result) {
  if (result || is_stored(result) || result.error().by == evidence::proof) return;
  const auto why = result.error();
  if (why.code != errc::unconfirmed && why.code != errc::expired)
    result = failure{errc::unconfirmed, why.hop, "all was sent before, but no receipt came: " + why.text};
}

class broadcast_sending_end final : public record_end {
  using phase = broadcast_phase;

 public:
  explicit broadcast_sending_end(broadcast_sending_config config);

  std::span<std::byte> inbox() override { return is_over() ? std::span<std::byte>{} : room(); }
  void completed() override;
  void opened(const file_facts& facts) override;
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void cut(const failure& why) override { break_off(why, false); }
  bytes sign_of_life() const override {
    bool takes_it = phase_ >= phase::offering && phase_ <= phase::noting;
    return takes_it && !is_over() ? make_progress(0) : bytes{};
  }
  transfer_progress progress() const override { return file_.progress(); }
  std::string digest() const override { return sent_ ? sent_->digest : std::string{}; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { break_off(why, false); }

  outcome<> take_record(record_type type, byte_view body);
  outcome<> take_result(byte_view body);
  void go(phase next, end_step step) {
    phase_ = next;
    set_step(std::move(step));
  }
  void send(phase next, bytes record) {
    phase_ = next;
    send_out(std::move(record));
  }
  void offer();
  void leave_out();
  void answered();
  void begin();
  void compare();
  void open_stream();
  void wrap();
  void send_content();
  void note_all_sent();
  void rest();
  bool tell_results();
  bool nobody_wants_it() const;
  bool one_is_stored() const;
  bool all_settled() const { return settled_.size() == recipients_.size(); }
  outcome<> result() const;
  /// But where all was there already, words are what it came for.
  bool needs_no_words() const { return transcript_.config().until_spooled && !ready_->complete; }
  outcome<> known_result() const { return all_settled() ? result() : outcome<>{}; }
  void abort(const failure& why);
  void break_off(failure why, bool courtesy);

  broadcast_sending_transcript transcript_;
  const std::set<std::string> recipients_;
  phase phase_ = phase::opening;
  std::map<std::string, outcome<>> settled_;
  std::set<std::string> heard_;        ///< of these the point's last word came
  std::vector<receiver_result> fresh_; ///< the owner doesn't know them yet
  bool telling_results_ = false;       ///< to it, before the phase goes on
  std::optional<spool_ready_record> ready_;
  file_sender file_;
  bool safe_there_ = false;        ///< by the point's second spool_ready
  std::optional<checkpoint> sent_; ///< all of it: receipts are for exactly that
  failure why_;                    ///< of an abort
};

broadcast_sending_end::broadcast_sending_end(broadcast_sending_config config)
    : transcript_(std::move(config)), recipients_(names_of(transcript_)),
      settled_(transcript_.config().settled), sent_(transcript_.config().all_sent) {
  if (sent_ || transcript_.config().sending.offer.cancel)
    offer();
  else
    set_step(open_file{});
}

// -- records

outcome<std::span<std::byte>> broadcast_sending_end::place(record_type type, std::uint32_t size) {
  bool offered = phase_ >= phase::offering || ready_;
  bool fits = type == record_type::spool_ready ? !safe_there_
              : type == record_type::branch    ? ready_.has_value()
                                            : type == record_type::progress || type == record_type::refusal;
  if (fits && offered) return small_body(size);
  return {errc::bad_message, "a record " + std::string{to_string(type)} + " that must not come now"};
}

void broadcast_sending_end::take(record_type type, byte_view body) {
  if (phase_ == phase::aborting || phase_ == phase::leaving) return;
  if (auto taken = take_record(type, body); !taken) break_off(taken.error(), false);
}

outcome<> broadcast_sending_end::take_record(record_type type, byte_view body) {
  if (type == record_type::progress) return file_.take_progress(body, true);
  if (type == record_type::branch) return take_result(body);
  if (type == record_type::refusal) {
    auto answer_record = transcript_.read_refusal(body);
    if (!answer_record) return answer_record.error();
    // The point wants that chunk once more: the next attempt brings it.
    auto code = answer_record->reason.chunk > 0 ? errc::cut : answer_record->reason.code;
    break_off({code, answer_record->hub, answer_record->reason.text}, true);
    return {};
  }
  auto ready = transcript_.read_spool_ready(body);
  if (!ready) return ready.error();
  if (ready_) {
    safe_there_ = ready->complete;
    if (phase_ == phase::results && step_is<wait_for_bytes>()) rest();
    return {};
  }
  ready_ = *ready;
  if (phase_ == phase::answer) answered();
  return {};
}

outcome<> broadcast_sending_end::take_result(byte_view body) {
  auto told = transcript_.read_branch(body, sent_);
  if (!told) return told.error();
  if (!recipients_.count(told->name))
    return {errc::tampered, "a word of " + told->name +
                                ", who is no recipient: a hub's definition differs "
                                "from this node's, or somebody has a hand in it"};
  if (!is_stored(told->result)) heard_.insert(told->name);
  if (auto known = settled_.find(told->name); known != settled_.end() && !is_stored(known->second)) return {};
  if (transcript_.config().all_sent) doubt(told->result);
  settled_.insert_or_assign(told->name, told->result);
  fresh_.push_back(std::move(*told));
  if (phase_ == phase::results && step_is<wait_for_bytes>()) rest();
  return {};
}

// -- steps

void broadcast_sending_end::opened(const file_facts& facts) {
  if (is_over()) return;
  if (phase_ != phase::content) return go(phase::naming, file_.opened(facts));
  auto same = file_.rechecked(facts);
  same ? send_content() : abort(same.error());
}

void broadcast_sending_end::consulted(const verdict& answer) {
  if (is_over()) return;
  auto* no = std::get_if<decision::refuse>(&answer);
  auto why = no ? no->why : unfit(answer);
  if (phase_ == phase::naming) {
    auto* named = std::get_if<decision::generation>(&answer);
    if (!named) return ready_ ? abort(why) : break_off(known_here(why), true);
    if (ready_) return begin();
    transcript_.set_generation(named->number);
    return offer();
  }
  if (!std::holds_alternative<decision::go_on>(answer)) return abort(why);
  sent_ = checkpoint{file_.facts().size, file_.digest()};
  send(phase::ending, transcript_.make_end(sent_->bytes, sent_->digest));
}

void broadcast_sending_end::offer() {
  if (sent_) file_.sent_earlier({sent_->bytes, sent_->bytes, 0});
  if (!transcript_.config().sending.offer.cancel) {
    leave_out();
    if (nobody_wants_it()) return break_off(result().error(), true);
  }
  auto record = transcript_.make_offer(file_.progress().size);
  if (!record) return break_off(known_here(record.error()), true);
  send(phase::offering, std::move(*record));
}

// One who is not trusted any more ends it for himself alone.
void broadcast_sending_end::leave_out() {
  for (auto& each : transcript_.leave_out_distrusted()) {
    if (auto known = settled_.find(each.name); known != settled_.end() && known->second) continue;
    each.result = known_here(each.result.error());
    settled_.insert_or_assign(each.name, each.result);
    fresh_.push_back(std::move(each));
  }
}

void broadcast_sending_end::answered() {
  if (transcript_.config().sending.offer.cancel) return rest();
  if (ready_->complete && sent_) return rest();
  if (ready_->complete) return abort({errc::tampered, {}, "the spool has an end that was never sent"});
  file_.is_open() ? begin() : go(phase::opening, open_file{});
}

// There is nothing to compare with: what is in the spool, nobody there can tell.
void broadcast_sending_end::begin() {
  auto there = std::min<std::uint64_t>(file_.facts().size, ready_->chunks * transcript_.chunk_size());
  file_.compare(prefix_check{there, digest_kind::sha256});
  compare();
}

void broadcast_sending_end::compare() {
  if (auto next = file_.compare_on()) return go(phase::comparing, std::move(*next));
  open_stream();
}

void broadcast_sending_end::open_stream() {
  auto prefix = file_.take_prefix(digest_kind::sha256);
  auto opening = transcript_.open_stream(file_.facts().size, ready_->chunks + 1, std::move(prefix.digest));
  if (!opening) return abort(opening.error());
  file_.begin(std::move(opening->stream));
  send(phase::starting, std::move(opening->records));
}

void broadcast_sending_end::wrap() {
  auto envelopes = transcript_.make_envelopes();
  if (!envelopes) return abort(envelopes.error());
  if (!envelopes->empty()) return send(phase::wrapping, std::move(*envelopes));
  auto metadata = file_.seal_metadata(transcript_.config().sending.file_name);
  if (!metadata) return abort(metadata.error());
  send(phase::describing, std::move(*metadata));
}

void broadcast_sending_end::completed() {
  if (is_over()) return;
  if (std::exchange(telling_results_, false)) return phase_ == phase::results ? rest() : send_content();
  switch (phase_) {
  case phase::offering:
    go(phase::answer, wait_for_bytes{});
    if (ready_) answered();
    return;
  case phase::comparing:
    file_.completed();
    return compare();
  case phase::starting:
  case phase::wrapping:
    return wrap();
  case phase::describing:
    return send_content();
  case phase::content:
    file_.completed();
    return send_content();
  case phase::ending:
    return rest();
  case phase::leaving:
    return set_step(finish{known_result(), true});
  case phase::aborting:
    return break_off(why_, true);
  default:
    return;
  }
}

void broadcast_sending_end::send_content() {
  phase_ = phase::content;
  if (file_.is_between_chunks()) {
    if (tell_results()) return;
    if (nobody_wants_it()) return abort(result().error());
  }
  auto next = file_.send_on();
  if (!next) return abort(next.error());
  *next ? set_step(std::move(**next)) : note_all_sent();
}

// What was sent to its end once is what receipts are for: a second time it must be the same.
void broadcast_sending_end::note_all_sent() {
  auto digest = file_.digest();
  if (sent_ && (sent_->bytes != file_.facts().size || sent_->digest != digest))
    return abort({errc::file_changed, {}, "the file is not what an earlier attempt sent"});
  go(phase::noting, question::all_sent{std::move(digest)});
}

void broadcast_sending_end::rest() {
  phase_ = phase::results;
  if (tell_results()) return;
  // What is in a store is as good as promised once all of it is durable there.
  const bool is_promised = safe_there_ && (all_settled() || needs_no_words());
  if (is_promised || (all_settled() && !one_is_stored()))
    return send(phase::leaving, make_progress(heard_mark | heard_.size()));
  set_step(wait_for_bytes{});
}

// That a point waits for somebody is worth nothing before it has all, for good.
bool broadcast_sending_end::tell_results() {
  auto counts = [this](const auto& each) { return safe_there_ || !is_stored(each.result); };
  auto rest = std::stable_partition(fresh_.begin(), fresh_.end(), counts);
  std::vector<receiver_result> told{std::move_iterator{fresh_.begin()}, std::move_iterator{rest}};
  fresh_.erase(fresh_.begin(), rest);
  if (told.empty()) return false;
  telling_results_ = true;
  set_step(question::receivers{std::move(told)});
  return true;
}

bool broadcast_sending_end::nobody_wants_it() const {
  auto wants = [](const auto& each) { return each.second || is_stored(each.second); };
  return all_settled() && std::none_of(settled_.begin(), settled_.end(), wants);
}

bool broadcast_sending_end::one_is_stored() const {
  return std::any_of(settled_.begin(), settled_.end(),
                     [](const auto& each) { return is_stored(each.second); });
}

outcome<> broadcast_sending_end::result() const {
  auto failed = std::find_if(settled_.begin(), settled_.end(),
                             [](const auto& each) { return !each.second && !is_stored(each.second); });
  if (failed == settled_.end())
    failed = std::find_if(settled_.begin(), settled_.end(), [](const auto& each) { return !each.second; });
  if (failed == settled_.end()) return {};
  const auto& [name, result] = *failed;
  auto why = result.error();
  if (why.hop.empty()) why.hop = name;
  return failure{why.code, why.hop, name + ": " + why.text, why.by};
}

// -- failures

void broadcast_sending_end::step_failed(const failure& why) {
  if (is_over()) return;
  if (!ready_) return break_off(known_here(why), true); // nobody was told anything
  abort(known_here(why));
}

void broadcast_sending_end::abort(const failure& why) {
  why_ = why;
  send(phase::aborting, transcript_.make_abort(why));
}

void broadcast_sending_end::break_off(failure why, bool courtesy) {
  if (is_over()) return;
  if (phase_ == phase::leaving) return set_step(finish{known_result(), true});
  if (phase_ == phase::aborting)
    why = why_;
  else if (sent_ && !courtesy)
    why = {errc::unconfirmed, {}, "all was sent, but not every receiver's word came: " + why.text};
  set_step(finish{std::move(why), courtesy});
}

} // namespace

std::unique_ptr<circuit_end> make_broadcast_sending_end(broadcast_sending_config config) {
  return std::make_unique<broadcast_sending_end>(std::move(config));
}

} // namespace hublink
