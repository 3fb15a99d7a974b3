#include "protocol/receiving_exchange.hpp"

#include "protocol/openssl.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr std::chrono::hours clock_slack{24}; // a sender's clock may be ahead

} // namespace

outcome<transfer_offer> receiving_exchange::read_offer(byte_view body) {
  auto said = read_statement(record_type::offer, answers_nothing, body);
  if (!said) return said.error();
  offer_hash_ = said->hash(); // also of a wrong one: the refusal answers it
  auto decoded = decode_offer(said->body);
  if (!decoded) return decoded.error();
  auto signed_by = verify_client(*said, config_.sender, *config_.ca, config_.now());
  if (!signed_by) return signed_by.error();
  if (auto fine = check(*decoded); !fine) return fine.error();
  sender_certificate_ = std::move(said->certificate);
  offer_ = std::move(decoded->offer);
  offer_.file = config_.file;
  return offer_;
}

outcome<> receiving_exchange::check(const offer_record& said) const {
  const auto& offer = said.offer;
  if (offer.sender != config_.sender)
    return {errc::not_authorised,
            "an offer of " + offer.sender + ", but this file comes from " + config_.sender};
  if (said.file_tag != tag_of_file(config_.open_id, config_.file))
    return {errc::not_authorised, "an offer of another file than the circuit is for"};
  if (std::ranges::find(offer.recipients, config_.self->name()) == offer.recipients.end())
    return {errc::not_authorised, "an offer that does not name " + config_.self->name() + " as a recipient"};
  auto latest = (config_.now() + clock_slack).time_since_epoch();
  if (std::chrono::milliseconds{offer.time_ms} > latest)
    return {errc::not_authorised, "an offer from the future: set the clock of " + offer.sender};
  return {};
}

outcome<> receiving_exchange::read_header(byte_view body) {
  auto said = read_statement(record_type::header, ready_hash_, body);
  if (!said) return said.error();
  if (auto fine = verify(*said, sender_certificate_, *config_.ca); !fine) return fine;
  auto decoded = decode_header(said->body);
  if (!decoded) return decoded.error();
  bool same = decoded->transfer == offer_.transfer && decoded->attempt == offer_.attempt &&
              decoded->generation == offer_.generation;
  auto start = bytes_before(*decoded);
  bool resumes = start == safe_.bytes && is_digest(safe_.digest, decoded->digest);
  if (!same || (start != 0 && !resumes))
    return {errc::bad_message, "a header that does not go with its offer and READY"};
  header_ = std::move(*decoded);
  header_hash_ = said->hash();
  return {};
}

outcome<incoming_stream> receiving_exchange::read_envelopes(byte_view body,
                                                            std::optional<file_digest> prefix) {
  if (hash_of(body) != header_.envelopes)
    return {errc::tampered, "the envelopes are not those that the header names"};
  auto decoded = decode_envelopes(body);
  if (!decoded) return decoded.error();
  auto own = decoded->by_name.find(config_.self->name());
  if (own == decoded->by_name.end())
    return {errc::not_authorised, "there is no envelope for " + config_.self->name()};
  auto secret = config_.self->open_envelope(own->second);
  if (!secret) return secret.error();
  content_key key{};
  if (secret->size() != key.size()) return {errc::tampered, "the envelope holds no content key"};
  std::ranges::copy(*secret, key.begin());
  bool resumes = start() > 0 && prefix;
  incoming_stream stream{header_, key, resumes ? std::move(*prefix) : file_digest{header_.digest}};
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(secret->data(), secret->size());
  return stream;
}

outcome<> receiving_exchange::read_end(byte_view body, std::uint64_t size, const std::string& digest) {
  auto said = read_statement(record_type::end, header_hash_, body);
  if (!said) return said.error();
  if (auto fine = verify(*said, sender_certificate_, *config_.ca); !fine) return fine;
  auto decoded = decode_end(said->body, header_.digest);
  if (!decoded) return decoded.error();
  if (decoded->size == size && decoded->digest == digest) return {};
  return {errc::tampered,
          "the file came as " + digest + ", but " + config_.sender + " signed " + decoded->digest};
}

outcome<reason_record> receiving_exchange::read_abort(byte_view body) {
  auto said = read_statement(record_type::abort, offer_hash_, body);
  if (!said) return said.error();
  if (auto fine = verify(*said, sender_certificate_, *config_.ca); !fine) return fine.error();
  return decode_reason(said->body);
}

outcome<bytes> receiving_exchange::make_ready(bytes stored_receipt, checkpoint safe, bool job_follows) {
  auto nonce = make_random();
  if (!nonce) return {errc::failed, "there are no random numbers"};
  safe_ = std::move(safe);
  ready_record said{config_.self->name(), *nonce, safe_, std::move(stored_receipt), job_follows};
  auto ready = make_statement(record_type::ready, offer_hash_, encode(said), *config_.self, true);
  ready_hash_ = ready.hash();
  return make_record(record_type::ready, encode(ready));
}

bytes receiving_exchange::make_receipt(std::uint64_t size, const std::string& digest) const {
  return sign_receipt({offer_.transfer, offer_.attempt, offer_.generation, offer_.sender,
                       config_.self->name(), size, digest, header_hash_},
                      *config_.self);
}

bytes receiving_exchange::make_job_result(const job_result& what) const {
  auto said = make_statement(record_type::job_result, offer_hash_, encode(what), *config_.self, true);
  return make_record(record_type::job_result, encode(said));
}

bytes receiving_exchange::make_refusal(const failure& why) const {
  auto said = make_statement(record_type::refusal, offer_hash_,
                             encode(reason_record{why.code, text_for_others(why)}), *config_.self, true);
  return make_record(record_type::refusal, encode(said));
}

} // namespace hublink
