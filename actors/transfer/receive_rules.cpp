#include "actors/transfer/receive_rules.hpp"

namespace hublink {

namespace {

verdict refuse(errc code, std::string text) { return decision::refuse{{code, {}, std::move(text)}}; }

constexpr auto cancelled_text = "the transfer was cancelled";
constexpr auto superseded_text = "a later transfer of this file was published already";

} // namespace

known_transfer known_of(const transfer_record& record, const publication* published) {
  known_transfer known{record.state, record.attempt, {}, record.generation, record.safe, {}};
  if (!published) return known;
  known.receipt = published->receipt;
  if (record.state != transfer_state::done)
    known.begun = begun_publication{published->generation, published->receipt, published->path};
  return known;
}

verdict admit(const std::optional<known_transfer>& known, std::uint64_t last_published,
              const transfer_offer& offer) {
  if (known && known->state == transfer_state::done) return decision::already_done{known->receipt};
  decision::welcome welcome;
  if (known && known->generation == offer.generation) welcome.safe = known->safe;
  if (known) welcome.begun = known->begun;
  if (!welcome.begun && (offer.cancel || (known && known->state == transfer_state::cancelled)))
    return refuse(errc::cancelled, cancelled_text);
  if (known && (offer.attempt < known->attempt || offer.generation < known->generation))
    return refuse(errc::replayed, "a later attempt of this transfer was here already");
  if (welcome.begun) return welcome;
  if (offer.sequence < last_published) return refuse(errc::superseded, superseded_text);
  if (offer.sequence == last_published)
    return refuse(errc::replayed, "another transfer with this sequence was published already");
  return welcome;
}

bool ends_publication(const transfer_record& record) {
  bool broken = record.state != transfer_state::running && record.state != transfer_state::done;
  bool in_place = record.reason && record.reason->code == errc::unconfirmed;
  return record.side == transfer_side::receiver && broken && !in_place;
}

outcome<> may_cancel(const transfer_id& transfer, const std::optional<transfer_record>& known,
                     bool published) {
  if (!known)
    return failure{errc::failed, {}, transfer + " is not under way here; see hublink transfers and history"};
  if (published || known->state == transfer_state::done)
    return failure{errc::failed, {}, known->transfer + " is published, or about to be"};
  if (is_final(known->state) && known->state != transfer_state::failed)
    return failure{errc::failed, {}, known->transfer + " is " + std::string{to_string(known->state)}};
  return {};
}

outcome<> may_save(const transfer_record* kept, const transfer_record& record) {
  bool goes_on = record.side == transfer_side::receiver && !is_final(record.state);
  if (goes_on && kept && kept->state == transfer_state::cancelled)
    return failure{errc::cancelled, {}, cancelled_text};
  return {};
}

transfer_record cancelled_record(const std::optional<transfer_record>& known, const transfer_offer& offer,
                                 std::int64_t now_ms) {
  auto record = known ? *known : admitted_record({}, offer, {}, now_ms);
  set_outcome(record, transfer_state::cancelled, now_ms, failure{errc::cancelled, {}, cancelled_text});
  return record;
}

transfer_record published_record(transfer_record record, const publication& what, std::int64_t now_ms) {
  set_outcome(record, transfer_state::done, now_ms, {});
  record.bytes = record.size = what.size;
  record.digest = what.digest;
  if (what.job) record.job_due = job_kind::post_receive;
  return record;
}

transfer_record admitted_record(const std::optional<transfer_record>& known, const transfer_offer& offer,
                                const checkpoint& safe, std::int64_t now_ms) {
  transfer_record record;
  record.transfer = offer.transfer;
  record.side = transfer_side::receiver;
  record.file = offer.file;
  record.from = offer.sender;
  for (const auto& name : offer.recipients) record.to[name] = transfer_state::running;
  record.state = transfer_state::running;
  record.sequence = offer.sequence;
  record.attempt = offer.attempt;
  record.generation = offer.generation;
  record.safe = safe;
  record.bytes = safe.bytes;
  record.started_ms = known ? known->started_ms : now_ms;
  return record;
}

outcome<> may_publish(const known_transfer& known, std::uint64_t sequence, std::uint64_t last_published,
                      const open_publication& open) {
  if (known.state == transfer_state::cancelled) return failure{errc::cancelled, {}, cancelled_text};
  if (known.state == transfer_state::done)
    return failure{errc::replayed, {}, "another attempt of this transfer was published already"};
  if (sequence <= last_published) return failure{errc::superseded, {}, superseded_text};
  if (sequence >= open.sequence) return {};
  if (open.is_under_way) return failure{errc::busy, {}, "a later transfer of this file is being published"};
  // What it brought is in place, or the next start of this node puts it there.
  return failure{errc::superseded, {}, superseded_text};
}

} // namespace hublink
