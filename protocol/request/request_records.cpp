#include "protocol/request/request_records.hpp"

#include "protocol/base/utf8.hpp"
#include "protocol/circuit/record_map.hpp"

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

constexpr std::uint16_t request_version = 1;

} // namespace

bytes encode(const request_record& said) {
  json map{{"version", request_version},
           {"request", said.request},
           {"requester", said.requester},
           {"time_ms", said.time_ms},
           {"file_tag", cbor::to_binary(said.file_tag)}};
  if (said.resend) map["resend"] = true;
  if (said.results) map["words"] = true;
  return cbor::to_bytes(map);
}

bytes encode(const request_answer& said) {
  json map{{"transfer", said.transfer}, {"state", said.state}, {"bytes", said.bytes}, {"size", said.size}};
  if (said.reason) {
    map["code"] = to_string(said.reason->code);
    map["hop"] = make_printable(said.reason->hop, cbor::max_name);
    map["text"] = make_printable(text_for_others(*said.reason), cbor::max_text);
  }
  return cbor::to_bytes(map);
}

outcome<request_record> decode_request(byte_view body) {
  return cbor::decode_record<request_record>(record_type::request, body, [](fields& from) {
    request_record said;
    if (from.number("version") != request_version) from.wrong("version", "1");
    said.request = from.transfer("request");
    said.requester = from.name("requester");
    said.time_ms = static_cast<std::int64_t>(from.number("time_ms", 0, INT64_MAX));
    said.resend = from.flag("resend");
    said.results = from.flag("words");
    said.file_tag = from.key_of("file_tag");
    return said;
  });
}

outcome<request_answer> decode_request_answer(byte_view body) {
  return cbor::decode_record<request_answer>(record_type::answer, body, [](fields& from) {
    request_answer said;
    said.transfer = from.transfer("transfer");
    said.state = from.name("state");
    said.bytes = from.number("bytes", 0, max_file_size);
    said.size = from.number("size", 0, max_file_size);
    if (from.find("code"))
      said.reason = failure{errc_from_string(from.text("code", cbor::max_name)),
                            from.text("hop", cbor::max_name), from.text("text", cbor::max_text)};
    return said;
  });
}

} // namespace hublink
