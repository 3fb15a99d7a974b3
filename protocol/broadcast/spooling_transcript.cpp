#include "protocol/broadcast/spooling_transcript.hpp"

#include "protocol/broadcast/envelope_batch.hpp"

#include <utility>

namespace hublink {
namespace {

constexpr std::size_t most_envelopes = 16384; // receivers behind one point

} // namespace

outcome<transfer_offer> spooling_transcript::read_offer(byte_view body) {
  auto statement = read_statement(record_type::offer, answers_nothing, body);
  if (!statement) return statement.error();
  offer_hash_ = statement->hash();
  auto decoded = decode_offer(statement->body);
  if (!decoded) return decoded.error();
  if (auto fine = verify_client(*statement, decoded->offer.sender, *config_.ca, config_.now()); !fine)
    return fine.error();
  if (!decoded->offer.broadcast)
    return {errc::not_authorised, "an offer to one receiver, but the file goes to several from here: compare "
                                  "the topologies of the sender and of this node"};
  if (decoded->file_tag != tag_of_file(config_.open_id, config_.file))
    return {errc::tampered, "an offer of another file than the circuit is for"};
  if (decoded->offer.transfer != config_.transfer)
    return {errc::tampered, "the offer is of another transfer than the circuit"};
  sender_certificate_ = std::move(statement->certificate);
  offer_ = std::move(decoded->offer);
  offer_.file = config_.file;
  return offer_;
}

outcome<> spooling_transcript::read_segment(byte_view body, std::uint64_t next) {
  auto record = decode_segment(body);
  if (!record) return record.error();
  if (record->first_chunk != next && record->first_chunk != 1)
    return {errc::bad_message, "a segment from chunk " + std::to_string(record->first_chunk) +
                                   ", but chunk " + std::to_string(next) + " is next"};
  part_ = {};
  part_.first = record->first_chunk;
  envelopes_ = 0;
  return {};
}

outcome<> spooling_transcript::read_header(byte_view body, const spool::holding& held) {
  auto statement = read_signed(record_type::header, answers_nothing, body);
  if (!statement) return statement.error();
  auto decoded = decode_header(statement->body);
  if (!decoded) return decoded.error();
  bool same = decoded->broadcast && decoded->transfer == offer_.transfer &&
              decoded->generation == offer_.generation && decoded->attempt <= offer_.attempt;
  bool fits = decoded->start_chunk <= part_.first && decoded->digest == digest_kind::sha256 &&
              (part_.first == 1 || decoded->chunk_size == held.chunk_size);
  if (!same || !fits || part_.first > chunk_count(offer_.size, decoded->chunk_size) + 1)
    return {errc::bad_message, "a header that does not go with its offer and this spool"};
  header_ = std::move(*decoded);
  header_hash_ = statement->hash();
  part_.header = make_record(record_type::header, body);
  return {};
}

// Whose they are and whether they open, receivers find out: they hold them against the signed header.
outcome<> spooling_transcript::read_batch(byte_view body) {
  auto record = unpack_envelopes(body);
  if (!record) return record.error();
  envelopes_ += record->by_name.size();
  if (envelopes_ > most_envelopes) return {errc::bad_message, "too many envelopes"};
  for (auto& [name, envelope] : record->by_name) {
    if (!config_.place->board->is_receiver(name)) continue; // nobody here will ask for it
    if (!part_.envelopes.emplace(name, std::move(envelope)).second)
      return {errc::bad_message, "two envelopes for " + name};
  }
  return {};
}

spool::segment_ptr spooling_transcript::take_metadata(byte_view body) {
  part_.metadata = make_record(record_type::chunk, body);
  return std::make_shared<const spool::segment>(std::exchange(part_, {}));
}

outcome<> spooling_transcript::read_end(byte_view body) const {
  auto statement = read_signed(record_type::end, header_hash_, body);
  if (!statement) return statement.error();
  auto decoded = decode_end(statement->body, digest_kind::sha256);
  if (!decoded) return decoded.error();
  if (decoded->size != offer_.size) return {errc::bad_message, "the end of a file of another size"};
  return {};
}

outcome<reason_record> spooling_transcript::read_abort(byte_view body) const {
  auto statement = read_signed(record_type::abort, offer_hash_, body);
  if (!statement) return statement.error();
  return decode_reason(statement->body);
}

outcome<statement> spooling_transcript::read_signed(record_type type, const statement_hash& answered,
                                                    byte_view body) const {
  auto signed_answer = read_statement(type, answered, body);
  if (!signed_answer) return signed_answer;
  auto fine = verify_sender(*signed_answer, offer_.sender, sender_certificate_, *config_.ca, config_.now());
  if (!fine) return fine.error();
  return signed_answer;
}

bytes spooling_transcript::make_spool_ready(const spool::holding& held) const {
  auto statement = make_statement(record_type::spool_ready, offer_hash_,
                                  encode(spool_ready_record{held.chunks, held.chunk_size, held.complete}),
                                  *config_.self, true);
  return make_record(record_type::spool_ready, encode(statement));
}

bytes spooling_transcript::make_refusal(const failure& why, std::uint64_t chunk) const {
  auto statement =
      make_statement(record_type::refusal, offer_hash_,
                     encode(reason_record{why.code, text_for_others(why), chunk}), *config_.self, true);
  return make_record(record_type::refusal, encode(statement));
}

} // namespace hublink
