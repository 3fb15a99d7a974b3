#include "protocol/transfer/transfer_records.hpp"

#include "protocol/base/utf8.hpp"
#include "protocol/circuit/record_map.hpp"
#include "protocol/trust/openssl.hpp"

#include <openssl/rand.h>

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

constexpr std::size_t max_file_name = 255; // NAME_MAX
constexpr std::uint32_t permission_bits = 07777;

std::uint32_t read_count(fields& from, const char* key, std::uint32_t most = UINT32_MAX) {
  return static_cast<std::uint32_t>(from.number(key, 1, most));
}

offer_record read_offer(fields& from) {
  offer_record record;
  if (from.number("version") != stream_version) from.wrong("version", "1");
  auto& offer = record.offer;
  offer.transfer = from.transfer("transfer");
  offer.attempt = read_count(from, "attempt");
  offer.generation = read_count(from, "generation", offer.attempt); // an attempt makes one at most
  offer.sequence = from.number("sequence");
  offer.time_ms = static_cast<std::int64_t>(from.number("time_ms", 0, INT64_MAX));
  offer.sender = from.name("sender");
  offer.cancel = from.flag("cancel");
  offer.broadcast = from.flag("broadcast");
  offer.recipients = from.names("recipients");
  if (offer.recipients.empty() != offer.broadcast)
    from.wrong("recipients", "a name at least, and none in a broadcast");
  if (offer.broadcast) offer.size = from.number("size", 0, max_file_size);
  record.nonce = from.key_of("nonce");
  record.file_tag = from.key_of("file_tag");
  return record;
}

ready_record read_ready(fields& from) {
  ready_record record;
  record.receiver = from.name("receiver");
  record.nonce = from.key_of("nonce");
  record.safe.bytes = from.number("checkpoint", 0, max_file_size);
  if (record.safe.bytes > 0) record.safe.digest = from.text("prefix", cbor::max_text);
  if (from.find("receipt")) record.receipt = from.binary("receipt", max_body(record_type::receipt));
  record.job_follows = from.flag("job");
  record.takes_signs = from.flag("signs");
  return record;
}

header_record read_header(fields& from) {
  header_record record;
  if (from.name("suite") != stream_suite)
    from.wrong("suite",
               "hpke-p256-aes-256-gcm-stream; sender and receiver are of different versions, upgrade the "
               "older one");
  record.transfer = from.transfer("transfer");
  record.attempt = read_count(from, "attempt");
  record.generation = read_count(from, "generation");
  record.chunk_size = read_count(from, "chunk", max_chunk);
  record.start_chunk = from.number("start", 1, max_file_size / record.chunk_size + 1);
  if (auto kind = digest_kind_from_string(from.name("digest")))
    record.digest = *kind;
  else
    from.wrong("digest", "xxh128 or sha256");
  record.broadcast = from.find("key") != nullptr;
  (record.broadcast ? record.commitment : record.envelopes) =
      from.key_of(record.broadcast ? "key" : "envelopes");
  return record;
}

metadata_record read_metadata(fields& from) {
  metadata_record record;
  auto name = from.binary("name", max_file_name);
  record.name = as_text(name);
  if (record.name.find('/') != std::string::npos || record.name.find('\0') != std::string::npos)
    from.wrong("name", "a file name");
  record.size = from.number("size", 0, max_file_size);
  record.mode = static_cast<std::uint32_t>(from.number("mode", 0, permission_bits));
  return record;
}

reason_record read_reason(fields& from) {
  reason_record record;
  record.code = errc_from_string(from.name("code"));
  record.text = from.text("text", cbor::max_text);
  if (from.find("chunk")) record.chunk = from.number("chunk", 0, max_file_size);
  return record;
}

/// Generation and attempt.
std::array<std::byte, 8> attempt_of(const header_record& header) {
  std::array<std::byte, 8> both;
  put_be(both.data(), header.generation);
  put_be(both.data() + 4, header.attempt);
  return both;
}

/// Each with its length before it.
statement_hash hash_of_parts(std::initializer_list<byte_view> parts) {
  bytes all;
  for (auto part : parts) {
    std::byte length[4];
    put_be(length, static_cast<std::uint32_t>(part.size()));
    all.insert(all.end(), length, length + sizeof length);
    all.insert(all.end(), part.begin(), part.end());
  }
  auto found = hash_of(all);
  OPENSSL_cleanse(all.data(), all.size()); // there may be a key in it
  return found;
}

} // namespace

std::optional<record_nonce> make_random() {
  record_nonce made{};
  if (RAND_bytes(openssl::raw_out(made), static_cast<int>(made.size())) != 1) return {};
  return made;
}

statement_hash tag_of_file(std::string_view open_id, std::string_view file) {
  return hash_of_parts({as_bytes("hublink file"), as_bytes(open_id), as_bytes(file)});
}

statement_hash commitment_to(const content_key& key, const header_record& header) {
  return hash_of_parts({as_bytes("hublink key"), as_bytes(header.transfer), attempt_of(header), key});
}

statement_hash envelope_info(const network_mark& network, const header_record& header,
                             std::string_view sender, std::string_view receiver) {
  return hash_of_parts({as_bytes("hublink envelope"), network, as_bytes(header.transfer), attempt_of(header),
                        as_bytes(sender), as_bytes(receiver)});
}

bytes encode(const offer_record& record) {
  auto& offer = record.offer;
  json map{{"version", stream_version},
           {"transfer", offer.transfer},
           {"attempt", offer.attempt},
           {"generation", offer.generation},
           {"sequence", offer.sequence},
           {"time_ms", offer.time_ms},
           {"sender", offer.sender},
           {"file_tag", cbor::to_binary(record.file_tag)},
           {"nonce", cbor::to_binary(record.nonce)}};
  if (offer.cancel) map["cancel"] = true;
  if (offer.broadcast) {
    map["broadcast"] = true;
    map["size"] = offer.size;
  } else {
    map["recipients"] = offer.recipients;
  }
  return cbor::to_bytes(map);
}

bytes encode(const ready_record& record) {
  json map{{"receiver", record.receiver},
           {"nonce", cbor::to_binary(record.nonce)},
           {"checkpoint", record.safe.bytes}};
  if (record.safe.bytes > 0) map["prefix"] = record.safe.digest;
  if (!record.receipt.empty()) map["receipt"] = cbor::to_binary(record.receipt);
  if (record.job_follows) map["job"] = true;
  if (record.takes_signs) map["signs"] = true;
  return cbor::to_bytes(map);
}

bytes encode(const header_record& record) {
  json map{{"suite", stream_suite},
           {"transfer", record.transfer},
           {"attempt", record.attempt},
           {"generation", record.generation},
           {"chunk", record.chunk_size},
           {"start", record.start_chunk},
           {"digest", to_string(record.digest)}};
  if (record.broadcast)
    map["key"] = cbor::to_binary(record.commitment);
  else
    map["envelopes"] = cbor::to_binary(record.envelopes);
  return cbor::to_bytes(map);
}

bytes encode(const envelopes_record& record) {
  auto map = json::object();
  for (auto& [name, envelope] : record.by_name) map[name] = cbor::to_binary(envelope);
  return cbor::to_bytes(map);
}

bytes encode(const metadata_record& record) {
  auto name = as_bytes(record.name).first(std::min(record.name.size(), max_file_name));
  return cbor::to_bytes(
      {{"name", cbor::to_binary(name)}, {"size", record.size}, {"mode", record.mode & permission_bits}});
}

bytes encode(const end_record& record) {
  return cbor::to_bytes({{"size", record.size}, {"digest", record.digest}});
}

bytes encode(const reason_record& record) {
  json map{{"code", to_string(record.code)}, {"text", make_printable(record.text, cbor::max_text)}};
  if (record.chunk) map["chunk"] = record.chunk;
  return cbor::to_bytes(map);
}

bytes encode(const job_result& result) {
  return cbor::to_bytes({{"good", result.good}, {"text", make_printable(result.text, cbor::max_text)}});
}

bytes encode(const segment_record& record) {
  bytes made(sizeof(record.first_chunk));
  put_be(made.data(), record.first_chunk);
  return made;
}

outcome<offer_record> decode_offer(byte_view body) {
  return cbor::decode_record<offer_record>(record_type::offer, body, read_offer);
}
outcome<ready_record> decode_ready(byte_view body) {
  return cbor::decode_record<ready_record>(record_type::ready, body, read_ready);
}
outcome<header_record> decode_header(byte_view body) {
  return cbor::decode_record<header_record>(record_type::header, body, read_header);
}
outcome<metadata_record> decode_metadata(byte_view body) {
  return cbor::decode_record<metadata_record>(record_type::chunk, body, read_metadata);
}
outcome<reason_record> decode_reason(byte_view body) {
  return cbor::decode_record<reason_record>(record_type::refusal, body, read_reason);
}

outcome<envelopes_record> decode_envelopes(byte_view body) {
  auto map = cbor::parse_map(body);
  failure wrong{errc::bad_message, {}, "record envelopes: not a CBOR map of envelopes by name"};
  if (!map) return wrong;
  envelopes_record record;
  for (auto& [name, envelope] : map->items()) {
    bool fits = envelope.is_binary() && envelope.get_binary().size() == envelope_size;
    if (!fits || name.size() > cbor::max_name) return wrong;
    auto view = std::as_bytes(std::span{envelope.get_binary()});
    record.by_name.emplace(name, bytes{view.begin(), view.end()});
  }
  return record;
}

outcome<end_record> decode_end(byte_view body, digest_kind expected) {
  return cbor::decode_record<end_record>(record_type::end, body, [expected](fields& from) {
    end_record record{from.number("size", 0, max_file_size), from.name("digest")};
    if (!is_digest(record.digest, expected)) from.wrong("digest", "one of the kind that the header names");
    return record;
  });
}

outcome<job_result> decode_job_result(byte_view body) {
  return cbor::decode_record<job_result>(record_type::job_result, body, [](fields& from) {
    return job_result{from.flag("good"), from.text("text", cbor::max_text)};
  });
}

outcome<segment_record> decode_segment(byte_view body) {
  if (body.size() != sizeof(std::uint64_t)) return {errc::bad_message, "record segment: expected 8 bytes"};
  segment_record record{get_be<std::uint64_t>(body.data())};
  if (record.first_chunk == 0 || record.first_chunk > max_file_size)
    return {errc::bad_message, "record segment: an impossible chunk"};
  return record;
}

} // namespace hublink
