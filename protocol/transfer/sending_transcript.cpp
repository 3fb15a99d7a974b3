#include "protocol/transfer/sending_transcript.hpp"

#include "protocol/circuit/record_end.hpp"
#include "protocol/trust/openssl.hpp"

#include <algorithm>

namespace hublink {
namespace {

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

} // namespace

sending_transcript::sending_transcript(sending_end_config config) : config_(std::move(config)) {
  config_.chunk_size = std::clamp(config_.chunk_size, 1u, max_chunk);
}

outcome<bytes> sending_transcript::make_offer() {
  if (config_.offer.recipients.empty()) return {errc::bad_config, "a file for nobody"};
  auto nonce = make_random();
  if (!nonce) return {errc::failed, "there are no random numbers"};
  auto statement = make_statement(
      record_type::offer, answers_nothing,
      encode(offer_record{config_.offer, *nonce, tag_of_file(config_.open_id, config_.offer.file)}),
      *config_.self, true);
  offer_hash_ = statement.hash();
  auto body = encode(statement);
  if (body.size() > max_body(record_type::offer))
    return {errc::bad_config, "too many recipients for one offer"};
  return make_record(record_type::offer, body);
}

outcome<ready_record> sending_transcript::read_ready(byte_view body) {
  auto record = read_answer(record_type::ready, body);
  if (!record) return record.error();
  auto decoded = decode_ready(record->body);
  if (!decoded) return decoded;
  if (decoded->receiver != recipient())
    return {errc::tampered, "READY is for " + decoded->receiver + ", not for " + recipient()};
  ready_hash_ = record->hash();
  recipient_certificate_ = std::move(record->certificate);
  return decoded;
}

outcome<receipt> sending_transcript::read_stored_receipt(byte_view body) const {
  auto record = hublink::read_receipt(body);
  if (!record) return record;
  auto& offer = config_.offer;
  bool same =
      record->transfer == offer.transfer && record->sender == offer.sender && record->receiver == recipient();
  if (!same) return {errc::tampered, "the stored receipt is of another transfer"};
  return record;
}

outcome<bytes> sending_transcript::make_envelopes(const content_key& key, const header_record& header) const {
  auto info = envelope_info(config_.ca->network(), header, config_.offer.sender, recipient());
  auto envelope = config_.ca->seal(key, recipient_certificate_, info);
  if (!envelope) return envelope;
  return encode(envelopes_record{{{recipient(), std::move(*envelope)}}});
}

outcome<> sending_transcript::still_trusted() const {
  auto holder = config_.ca->check(recipient_certificate_, config_.now());
  return holder ? outcome<>{}
                : outcome<>{errc::cut, "the receiver is not trusted any more: " + holder.error().text};
}

bool sending_transcript::can_resume(const checkpoint& safe, std::uint64_t size) const {
  // The last chunk is always sent: it carries the flag.
  return safe.bytes > 0 && safe.bytes < size && safe.bytes % config_.chunk_size == 0 &&
         is_digest(safe.digest, config_.digest);
}

header_record sending_transcript::make_header(std::uint64_t start) const {
  header_record header;
  header.transfer = config_.offer.transfer;
  header.attempt = config_.offer.attempt;
  header.generation = config_.offer.generation;
  header.chunk_size = config_.chunk_size;
  header.start_chunk = start / config_.chunk_size + 1;
  header.digest = config_.digest;
  return header;
}

outcome<sending_transcript::opening>
sending_transcript::open_stream(const file_facts& facts, std::uint64_t start, file_digest prefix) {
  auto key = make_random();
  if (!key) return {errc::failed, "there are no random numbers"};
  auto header = make_header(start);
  auto envelopes = make_envelopes(*key, header);
  if (!envelopes) return envelopes.error();
  header.envelopes = hash_of(*envelopes);
  auto statement = make_statement(record_type::header, ready_hash_, encode(header), *config_.self, false);
  header_hash_ = statement.hash();
  outgoing_stream stream{header, *key, facts.size, std::move(prefix)};
  OPENSSL_cleanse(key->data(), key->size());
  auto metadata = stream.seal_metadata(last_component(config_.file_name), facts.mode);
  if (!metadata) return metadata.error();
  auto records = make_record(record_type::header, encode(statement));
  append_record(records, record_type::envelopes, *envelopes);
  records.insert(records.end(), metadata->begin(), metadata->end());
  return opening{std::move(records), std::move(stream)};
}

bytes sending_transcript::make_end(std::uint64_t size, const std::string& digest) const {
  auto statement =
      make_statement(record_type::end, header_hash_, encode(end_record{size, digest}), *config_.self, false);
  return make_record(record_type::end, encode(statement));
}

outcome<> sending_transcript::read_receipt(byte_view body, std::uint64_t size,
                                           const std::string& digest) const {
  auto receipt = verify_receipt(body, *config_.ca, config_.now());
  if (!receipt) return receipt.error();
  auto& offer = config_.offer;
  bool same = receipt->header == header_hash_ && receipt->transfer == offer.transfer &&
              receipt->generation == offer.generation && receipt->receiver == recipient();
  if (!same) return {errc::tampered, "the receipt is not for this attempt"};
  if (receipt->size != size || receipt->digest != digest)
    return {errc::tampered, "the receipt is for " + receipt->digest + ", but " + digest + " was sent"};
  return {};
}

outcome<reason_record> sending_transcript::read_refusal(byte_view body) const {
  auto record = read_answer(record_type::refusal, body);
  if (!record) return record.error();
  return decode_reason(record->body);
}

outcome<job_result> sending_transcript::read_job_result(byte_view body) const {
  auto record = read_answer(record_type::job_result, body);
  if (!record) return record.error();
  return decode_job_result(record->body);
}

outcome<statement> sending_transcript::read_answer(record_type type, byte_view body) const {
  auto signed_answer = read_statement(type, offer_hash_, body);
  if (!signed_answer) return signed_answer;
  if (auto signed_by = verify_client(*signed_answer, recipient(), *config_.ca, config_.now()); !signed_by)
    return signed_by.error();
  return signed_answer;
}

bytes sending_transcript::make_abort(const failure& why) const {
  auto statement =
      make_statement(record_type::abort, offer_hash_, encode(reason_record{why.code, text_for_others(why)}),
                     *config_.self, false);
  return make_record(record_type::abort, encode(statement));
}

} // namespace hublink
