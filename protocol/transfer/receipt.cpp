#include "protocol/transfer/receipt.hpp"

#include "protocol/circuit/record_map.hpp"
#include "protocol/transfer/digest.hpp"

namespace hublink {
namespace {

using cbor::fields;

outcome<receipt> decode_receipt(byte_view body) {
  return cbor::decode_record<receipt>(record_type::receipt, body, [](fields& from) {
    receipt said;
    said.transfer = from.transfer("transfer");
    said.attempt = static_cast<std::uint32_t>(from.number("attempt", 1, UINT32_MAX));
    said.generation = static_cast<std::uint32_t>(from.number("generation", 1, UINT32_MAX));
    said.sender = from.name("sender");
    said.receiver = from.name("receiver");
    said.size = from.number("size", 0, max_file_size);
    said.digest = from.name("digest");
    if (!is_digest(said.digest, digest_kind::xxh128) && !is_digest(said.digest, digest_kind::sha256))
      from.wrong("digest", "xxh128: or sha256: and hex digits");
    said.header = from.key_of("header");
    return said;
  });
}

} // namespace

bytes sign_receipt(const receipt& said, const identity& receiver) {
  auto body = cbor::to_bytes({{"transfer", said.transfer},
                              {"attempt", said.attempt},
                              {"generation", said.generation},
                              {"sender", said.sender},
                              {"receiver", said.receiver},
                              {"size", said.size},
                              {"digest", said.digest},
                              {"header", cbor::to_binary(said.header)}});
  return encode(make_statement(record_type::receipt, said.header, std::move(body), receiver, true));
}

outcome<receipt> read_receipt(byte_view record_body) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  if (!signed_body) return signed_body.error();
  return decode_receipt(signed_body->body);
}

outcome<receipt> verify_receipt(byte_view record_body, const trust& ca, trust::clock_time now) {
  auto signed_body = read_statement(record_type::receipt, answers_nothing, record_body);
  if (!signed_body) return signed_body.error();
  auto said = decode_receipt(signed_body->body);
  if (!said) return said;
  signed_body->answered = said->header;
  if (auto checked = verify_client(*signed_body, said->receiver, ca, now); !checked) return checked.error();
  return said;
}

} // namespace hublink
