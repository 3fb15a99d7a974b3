#include "protocol/transfer/receipt.hpp"

#include "protocol/circuit/record_map.hpp"
#include "protocol/transfer/digest.hpp"

#include <algorithm>

namespace hublink {
namespace {

using cbor::fields;

outcome<receipt> decode_receipt(byte_view body) {
  return cbor::decode_record<receipt>(record_type::receipt, body, [](fields& from) {
    receipt record;
    record.transfer = from.transfer("transfer");
    record.attempt = static_cast<std::uint32_t>(from.number("attempt", 1, UINT32_MAX));
    record.generation = static_cast<std::uint32_t>(from.number("generation", 1, UINT32_MAX));
    record.sender = from.name("sender");
    record.receiver = from.name("receiver");
    record.size = from.number("size", 0, max_file_size);
    record.digest = from.name("digest");
    if (!is_digest(record.digest, digest_kind::xxh128) && !is_digest(record.digest, digest_kind::sha256))
      from.wrong("digest", "xxh128: or sha256: and hex digits");
    record.header = from.key_of("header");
    return record;
  });
}

} // namespace

bytes sign_receipt(const receipt& record, const identity& receiver) {
  auto body = cbor::to_bytes({{"transfer", record.transfer},
                              {"attempt", record.attempt},
                              {"generation", record.generation},
                              {"sender", record.sender},
                              {"receiver", record.receiver},
                              {"size", record.size},
                              {"digest", record.digest},
                              {"header", cbor::to_binary(record.header)}});
  return encode(make_statement(record_type::receipt, record.header, std::move(body), receiver, true));
}

bytes renewed_receipt(bytes record_body, const identity& receiver) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  if (!signed_body || std::ranges::equal(signed_body->certificate, receiver.certificate()))
    return record_body;
  auto record = decode_receipt(signed_body->body);
  return record ? sign_receipt(*record, receiver) : record_body;
}

outcome<receipt> read_receipt(byte_view record_body) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  if (!signed_body) return signed_body.error();
  return decode_receipt(signed_body->body);
}

outcome<receipt> verify_receipt(byte_view record_body, const trust& ca, trust::clock_time now) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  if (!signed_body) return signed_body.error();
  auto record = decode_receipt(signed_body->body);
  if (!record) return record;
  signed_body->answered = record->header;
  if (auto checked = verify_client(*signed_body, record->receiver, ca, now); !checked) return checked.error();
  return record;
}

bool still_counts(byte_view record_body, const trust& ca, trust::clock_time now) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  return signed_body && ca.check(signed_body->certificate, now);
}

} // namespace hublink
