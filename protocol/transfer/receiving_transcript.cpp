#include "protocol/transfer/receiving_transcript.hpp"

#include "protocol/trust/openssl.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr std::chrono::hours clock_slack{24}; // a sender's clock may be ahead

} // namespace

outcome<transfer_offer> receiving_transcript::read_offer(byte_view body) {
  auto statement = read_statement(record_type::offer, answers_nothing, body);
  if (!statement) return statement.error();
  offer_hash_ = statement->hash(); // also of a wrong one: the refusal answers it
  auto decoded = decode_offer(statement->body);
  if (!decoded) return decoded.error();
  auto signed_by = verify_client(*statement, config_.sender, *config_.ca, config_.now());
  if (!signed_by) return signed_by.error();
  if (auto fine = check(*decoded); !fine) return fine.error();
  sender_certificate_ = std::move(statement->certificate);
  offer_ = std::move(decoded->offer);
  offer_.file = config_.file;
  return offer_;
}

outcome<> receiving_transcript::check(const offer_record& record) const {
  const auto& offer = record.offer;
  if (offer.sender != config_.sender)
    return {errc::not_authorised,
            "an offer of " + offer.sender + ", but this file comes from " + config_.sender};
  // A hub may have moved it here from another circuit, or the line altered what the circuit was opened for.
  if (record.file_tag != tag_of_file(config_.open_id, config_.file))
    return {errc::tampered, "an offer of another file than the circuit is for"};
  // A broadcast names nobody: the envelopes say whom it is for.
  if (!offer.broadcast && std::ranges::find(offer.recipients, config_.self->name()) == offer.recipients.end())
    return {errc::not_authorised, "an offer that does not name " + config_.self->name() + " as a recipient"};
  auto latest = (config_.now() + clock_slack).time_since_epoch();
  if (std::chrono::milliseconds{offer.time_ms} > latest)
    return {errc::not_authorised, "an offer from the future, if the clocks are right: set that of " +
                                      offer.sender + ", or this one; " + clock_text(config_.now())};
  // Sequences are times, too: the highest one would overtake all that its sender ever sends.
  if (offer.sequence > std::uint64_t(std::chrono::duration_cast<std::chrono::milliseconds>(latest).count()))
    return {errc::not_authorised,
            "an offer whose sequence is from the future, if the clocks are right: set that of " +
                offer.sender + ", or this one; " + clock_text(config_.now())};
  return {};
}

// A point may have parts of attempts between which the sender's certificate was renewed.
outcome<> receiving_transcript::by_sender(const statement& said) const {
  return verify_sender(said, config_.sender, sender_certificate_, *config_.ca, config_.now());
}

outcome<> receiving_transcript::read_header(byte_view body) {
  // A broadcast's header was made before any READY: it answers nothing, and is good for its generation.
  auto statement =
      read_statement(record_type::header, offer_.broadcast ? answers_nothing : ready_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = by_sender(*statement); !fine) return fine;
  auto decoded = decode_header(statement->body);
  if (!decoded) return decoded.error();
  if (offer_.broadcast) {
    if (auto fine = check_segment(*decoded); !fine) return fine;
    header_ = std::move(*decoded);
    header_hash_ = statement->hash();
    return {};
  }
  bool same = decoded->transfer == offer_.transfer && decoded->attempt == offer_.attempt &&
              decoded->generation == offer_.generation && !decoded->broadcast;
  auto start = bytes_before(*decoded);
  bool resumes = start == safe_.bytes && is_digest(safe_.digest, decoded->digest);
  if (!same || (start != 0 && !resumes))
    return {errc::bad_message, "a header that does not go with its offer and READY"};
  header_ = std::move(*decoded);
  header_hash_ = statement->hash();
  return {};
}

outcome<> receiving_transcript::check_segment(const header_record& record) const {
  bool same = record.broadcast && record.transfer == offer_.transfer && record.attempt <= offer_.attempt &&
              record.generation == offer_.generation && record.digest == digest_kind::sha256;
  auto start = (first_ - 1) * record.chunk_size;
  bool resumes = start == safe_.bytes && is_digest(safe_.digest, digest_kind::sha256);
  bool follows = next_ ? first_ == *next_ && record.chunk_size == header_.chunk_size : start == 0 || resumes;
  if (same && follows && record.start_chunk <= first_) return {};
  return {errc::bad_message, "a segment that does not go with its offer, READY and what came before it"};
}

outcome<> receiving_transcript::read_segment(byte_view body) {
  auto record = decode_segment(body);
  if (!record) return record.error();
  first_ = record->first_chunk;
  return {};
}

outcome<incoming_stream> receiving_transcript::read_envelopes(byte_view body, file_digest digest) {
  auto key = own_key(body);
  if (!key) return key.error();
  auto stream = offer_.broadcast ? incoming_stream{header_, *key, std::move(digest), first_}
                                 : incoming_stream{header_, *key, std::move(digest)};
  OPENSSL_cleanse(key->data(), key->size());
  return stream;
}

// Envelopes are not signed: the header says which ones they are, or, in a broadcast, which key is in them.
outcome<content_key> receiving_transcript::own_key(byte_view envelopes) const {
  if (!offer_.broadcast && hash_of(envelopes) != header_.envelopes)
    return {errc::tampered, "the envelopes are not those that the header names"};
  auto decoded = decode_envelopes(envelopes);
  if (!decoded) return decoded.error();
  auto own = decoded->by_name.find(config_.self->name());
  if (own == decoded->by_name.end()) // of a broadcast, who feeds it may have left it out
    return {offer_.broadcast ? errc::bad_message : errc::not_authorised,
            "there is no envelope for " + config_.self->name()};
  auto info = envelope_info(config_.ca->network(), header_, config_.sender, config_.self->name());
  auto key = config_.self->open_envelope(own->second, info);
  if (key && offer_.broadcast && commitment_to(*key, header_) != header_.commitment)
    return {errc::tampered, "the envelope has another key than the one that the header is committed to"};
  return key;
}

outcome<> receiving_transcript::read_end(byte_view body, std::uint64_t size, const std::string& digest) {
  auto statement = read_statement(record_type::end, header_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = by_sender(*statement); !fine) return fine;
  auto decoded = decode_end(statement->body, header_.digest);
  if (!decoded) return decoded.error();
  if (decoded->size == size && decoded->digest == digest) return {};
  return {errc::tampered,
          "the file came as " + digest + ", but " + config_.sender + " signed " + decoded->digest};
}

outcome<reason_record> receiving_transcript::read_abort(byte_view body) {
  auto statement = read_statement(record_type::abort, offer_hash_, body);
  if (!statement) return statement.error();
  if (auto fine = verify(*statement, sender_certificate_, *config_.ca); !fine) return fine.error();
  return decode_reason(statement->body);
}

outcome<> receiving_transcript::still_trusted() const {
  auto holder = config_.ca->check(sender_certificate_, config_.now());
  return holder ? outcome<>{}
                : outcome<>{errc::cut, "the sender is not trusted any more: " + holder.error().text};
}

outcome<bytes> receiving_transcript::make_ready(bytes stored_receipt, checkpoint safe, bool job_follows) {
  auto nonce = make_random();
  if (!nonce) return {errc::failed, "there are no random numbers"};
  safe_ = std::move(safe);
  if (!stored_receipt.empty()) stored_receipt = renewed_receipt(std::move(stored_receipt), *config_.self);
  ready_record record{config_.self->name(), *nonce, safe_, std::move(stored_receipt), job_follows, true};
  auto ready = make_statement(record_type::ready, offer_hash_, encode(record), *config_.self, true);
  ready_hash_ = ready.hash();
  return make_record(record_type::ready, encode(ready));
}

bytes receiving_transcript::make_receipt(std::uint64_t size, const std::string& digest) const {
  return sign_receipt({offer_.transfer, offer_.attempt, offer_.generation, offer_.sender,
                       config_.self->name(), size, digest, header_hash_},
                      *config_.self);
}

bytes receiving_transcript::make_job_result(const job_result& what) const {
  auto statement = make_statement(record_type::job_result, offer_hash_, encode(what), *config_.self, true);
  return make_record(record_type::job_result, encode(statement));
}

bytes receiving_transcript::make_refusal(const failure& why, std::uint64_t bad_chunk) const {
  auto statement =
      make_statement(record_type::refusal, offer_hash_,
                     encode(reason_record{why.code, text_for_others(why), bad_chunk}), *config_.self, true);
  return make_record(record_type::refusal, encode(statement));
}

} // namespace hublink
