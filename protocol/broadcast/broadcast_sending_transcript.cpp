#include "protocol/broadcast/broadcast_sending_transcript.hpp"

#include "protocol/broadcast/envelope_batch.hpp"
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/receipt.hpp"
#include "protocol/trust/openssl.hpp"

#include <algorithm>

namespace hublink {

broadcast_sending_transcript::broadcast_sending_transcript(broadcast_sending_config config)
    : config_(std::move(config)) {
  auto& sending = config_.sending;
  sending.chunk_size = std::clamp(sending.chunk_size, 1u, max_chunk);
  sending.digest = digest_kind::sha256; // receivers need not trust each other
  sending.offer.broadcast = true;
}

outcome<> broadcast_sending_transcript::check_certificates() const {
  const auto& sending = config_.sending;
  for (const auto& name : sending.offer.recipients) {
    if (left_out_.contains(name)) continue;
    auto found = config_.certificates.find(name);
    if (found == config_.certificates.end())
      return {errc::bad_config, "no certificate of " + name +
                                    ", neither applied by a manager nor in recipients.pem among this node's "
                                    "keys: run hublink keys again, and apply or bring the file here"};
    auto holder = sending.ca->check(found->second, sending.now());
    if (!holder) return holder.error();
    if (holder->name != name || holder->role != role::client)
      return {errc::not_authorised, "the certificate that is here for " + name + " is of the " +
                                        std::string{to_string(holder->role)} + " " + holder->name};
  }
  return {};
}

std::vector<receiver_result> broadcast_sending_transcript::leave_out_distrusted() {
  std::vector<receiver_result> all;
  const auto& sending = config_.sending;
  for (const auto& name : sending.offer.recipients) {
    auto found = config_.certificates.find(name);
    if (found == config_.certificates.end()) continue;
    auto holder = sending.ca->check(found->second, sending.now());
    if (holder) continue;
    left_out_.insert(name);
    config_.certificates.erase(found);
    all.push_back({name, holder.error(), {}});
  }
  return all;
}

outcome<bytes> broadcast_sending_transcript::make_offer(std::uint64_t size) {
  auto& sending = config_.sending;
  if (!sending.offer.cancel)
    if (auto fine = check_certificates(); !fine) return fine.error();
  sending.offer.size = size;
  auto nonce = make_random();
  if (!nonce) return {errc::failed, "there are no random numbers"};
  offer_record offer{sending.offer, *nonce, tag_of_file(sending.open_id, sending.offer.file)};
  auto signed_answer =
      make_statement(record_type::offer, answers_nothing, encode(offer), *sending.self, true);
  offer_hash_ = signed_answer.hash();
  return make_record(record_type::offer, encode(signed_answer));
}

outcome<spool_ready_record> broadcast_sending_transcript::read_spool_ready(byte_view body) {
  auto& sending = config_.sending;
  auto signed_answer = read_statement(record_type::spool_ready, offer_hash_, body);
  if (!signed_answer) return signed_answer.error();
  if (auto hub = verify_server(*signed_answer, *sending.ca, sending.now()); !hub) return hub.error();
  auto ready = decode_spool_ready(signed_answer->body);
  if (!ready) return ready;
  if (ready->chunks > 0) sending.chunk_size = ready->chunk_size;
  if (ready->chunks > chunk_count(sending.offer.size, sending.chunk_size))
    return {errc::bad_message, "the spool holds more than the file has"};
  return ready;
}

outcome<broadcast_sending_transcript::opening>
broadcast_sending_transcript::open_stream(std::uint64_t size, std::uint64_t first, file_digest prefix) {
  auto& sending = config_.sending;
  auto key = make_random();
  if (!key) return {errc::failed, "there are no random numbers"};
  key_ = *key;
  header_ = {};
  auto& header = header_;
  header.transfer = sending.offer.transfer;
  header.attempt = sending.offer.attempt;
  header.generation = sending.offer.generation;
  header.chunk_size = sending.chunk_size;
  header.start_chunk = first;
  header.digest = sending.digest;
  header.broadcast = true;
  header.commitment = commitment_to(key_, header);
  auto signed_answer =
      make_statement(record_type::header, answers_nothing, encode(header), *sending.self, true);
  header_hash_ = signed_answer.hash();
  next_envelope_ = config_.certificates.begin();
  auto records = make_record(record_type::segment, encode(segment_record{first}));
  append_record(records, record_type::header, encode(signed_answer));
  outgoing_stream stream{header, key_, size, std::move(prefix)};
  OPENSSL_cleanse(key->data(), key->size());
  return opening{std::move(records), std::move(stream)};
}

outcome<bytes> broadcast_sending_transcript::make_envelopes() {
  const auto& sending = config_.sending;
  envelopes_record made;
  for (; made.by_name.size() < most_in_batch && next_envelope_ != config_.certificates.end();
       ++next_envelope_) {
    const auto& [name, certificate] = *next_envelope_;
    auto info = envelope_info(sending.ca->network(), header_, sending.offer.sender, name);
    auto envelope = sending.ca->seal(key_, certificate, info);
    if (!envelope) return envelope;
    made.by_name.emplace(name, std::move(*envelope));
  }
  if (next_envelope_ == config_.certificates.end()) OPENSSL_cleanse(key_.data(), key_.size());
  if (made.by_name.empty()) return bytes{};
  return make_record(record_type::batch, pack_envelopes(made));
}

bytes broadcast_sending_transcript::make_end(std::uint64_t size, const std::string& digest) const {
  auto signed_answer = make_statement(record_type::end, header_hash_, encode(end_record{size, digest}),
                                      *config_.sending.self, true);
  return make_record(record_type::end, encode(signed_answer));
}

bytes broadcast_sending_transcript::make_abort(const failure& why) const {
  auto signed_answer =
      make_statement(record_type::abort, offer_hash_, encode(reason_record{why.code, text_for_others(why)}),
                     *config_.sending.self, false);
  return make_record(record_type::abort, encode(signed_answer));
}

outcome<receiver_result>
broadcast_sending_transcript::read_branch(byte_view body, const std::optional<checkpoint>& sent) const {
  auto signed_answer = decode_branch(body);
  if (!signed_answer) return signed_answer.error();
  receiver_result receiver{.name = signed_answer->name};
  if (!signed_answer->type) {
    receiver.result = signed_answer->why;
  } else if (*signed_answer->type == record_type::refusal) {
    auto reason = read_answer(record_type::refusal, *signed_answer, signed_answer->body);
    auto decoded = reason ? decode_reason(reason->body) : outcome<reason_record>{reason.error()};
    if (!decoded) return decoded.error();
    receiver.result = said_by_end({decoded->code, signed_answer->name, decoded->text});
  } else {
    if (!sent) return {errc::bad_message, "a receipt of " + signed_answer->name + " before all was sent"};
    if (auto fine = read_receipt(*signed_answer, *sent); !fine) return fine.error();
    // One of an earlier attempt proves nothing any more; the receipt is what counts.
    if (auto job = read_answer(record_type::job_result, *signed_answer, signed_answer->job);
        job && !signed_answer->job.empty())
      if (auto decoded = decode_job_result(job->body)) receiver.job = std::move(*decoded);
  }
  return receiver;
}

outcome<statement> broadcast_sending_transcript::read_answer(record_type type,
                                                             const branch_record& signed_answer,
                                                             byte_view body) const {
  const auto& sending = config_.sending;
  auto inner = read_statement(type, offer_hash_, body);
  if (!inner) return inner;
  if (auto fine = verify_client(*inner, signed_answer.name, *sending.ca, sending.now()); !fine)
    return fine.error();
  return inner;
}

outcome<> broadcast_sending_transcript::read_receipt(const branch_record& signed_answer,
                                                     const checkpoint& sent) const {
  const auto& sending = config_.sending;
  auto receipt = verify_receipt(signed_answer.body, *sending.ca, sending.now());
  if (!receipt) return receipt.error();
  const auto& offer = sending.offer;
  bool same = receipt->transfer == offer.transfer && receipt->sender == offer.sender &&
              receipt->generation == offer.generation && receipt->receiver == signed_answer.name;
  if (!same) return {errc::tampered, "the receipt of " + signed_answer.name + " is not for this transfer"};
  if (receipt->size != sent.bytes || receipt->digest != sent.digest)
    return {errc::tampered, "the receipt of " + signed_answer.name + " is for " + receipt->digest + ", but " +
                                sent.digest + " was sent"};
  return {};
}

outcome<broadcast_sending_transcript::refusal>
broadcast_sending_transcript::read_refusal(byte_view body) const {
  auto signed_answer = read_statement(record_type::refusal, offer_hash_, body);
  if (!signed_answer) return signed_answer.error();
  auto hub = verify_server(*signed_answer, *config_.sending.ca, config_.sending.now());
  if (!hub) return hub.error();
  auto reason = decode_reason(signed_answer->body);
  if (!reason) return reason.error();
  return refusal{*hub, std::move(*reason)};
}

} // namespace hublink
