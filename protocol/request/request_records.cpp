#include "protocol/request/request_records.hpp"

#include "protocol/base/utf8.hpp"
#include "protocol/circuit/record_map.hpp"

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

constexpr std::uint16_t request_version = 1;

} // namespace

bytes encode(const request_record& record) {
  json map{{"version", request_version},
           {"request", record.request},
           {"requester", record.requester},
           {"time_ms", record.time_ms},
           {"file_tag", cbor::to_binary(record.file_tag)}};
  if (record.resend) map["resend"] = true;
  if (record.results) map["words"] = true;
  return cbor::to_bytes(map);
}

bytes encode(const request_answer& answer) {
  json map{
      {"transfer", answer.transfer}, {"state", answer.state}, {"bytes", answer.bytes}, {"size", answer.size}};
  if (answer.reason) {
    map["code"] = to_string(answer.reason->code);
    map["hop"] = make_printable(answer.reason->hop, cbor::max_name);
    map["text"] = make_printable(text_for_others(*answer.reason), cbor::max_text);
  }
  return cbor::to_bytes(map);
}

outcome<request_record> decode_request(byte_view body) {
  return cbor::decode_record<request_record>(record_type::request, body, [](fields& from) {
    request_record record;
    if (from.number("version") != request_version) from.wrong("version", "1");
    record.request = from.transfer("request");
    record.requester = from.name("requester");
    record.time_ms = static_cast<std::int64_t>(from.number("time_ms", 0, INT64_MAX));
    record.resend = from.flag("resend");
    record.results = from.flag("words");
    record.file_tag = from.key_of("file_tag");
    return record;
  });
}

outcome<request_answer> decode_request_answer(byte_view body) {
  return cbor::decode_record<request_answer>(record_type::answer, body, [](fields& from) {
    request_answer record;
    record.transfer = from.transfer("transfer");
    record.state = from.name("state");
    record.bytes = from.number("bytes", 0, max_file_size);
    record.size = from.number("size", 0, max_file_size);
    if (from.find("code"))
      record.reason = failure{errc_from_string(from.text("code", cbor::max_name)),
                              from.text("hop", cbor::max_name), from.text("text", cbor::max_text)};
    return record;
  });
}

} // namespace hublink
