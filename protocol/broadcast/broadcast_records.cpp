#include "protocol/broadcast/broadcast_records.hpp"

#include "protocol/base/utf8.hpp"
#include "protocol/circuit/record_map.hpp"

#include <algorithm>

namespace hublink {
namespace {

using cbor::fields;
using cbor::json;

bool travels_in_branch(record_type type) {
  return type == record_type::receipt || type == record_type::refusal;
}

} // namespace

bytes encode(const spool_ready_record& record) {
  return cbor::to_bytes(
      {{"chunks", record.chunks}, {"chunk", record.chunk_size}, {"complete", record.complete}});
}

bytes encode(const branch_record& record) {
  json map{{"name", record.name}};
  if (record.type) {
    map["type"] = unsigned(*record.type);
    map["body"] = cbor::to_binary(record.body);
    if (!record.job.empty()) map["job"] = cbor::to_binary(record.job);
  } else {
    map["code"] = to_string(record.why.code);
    map["text"] = make_printable(record.why.text, cbor::max_text);
    if (!record.why.hop.empty()) map["hop"] = record.why.hop;
    if (record.why.at_end) map["at_end"] = true;
  }
  return cbor::to_bytes(map);
}

outcome<spool_ready_record> decode_spool_ready(byte_view body) {
  return cbor::decode_record<spool_ready_record>(record_type::spool_ready, body, [](fields& from) {
    spool_ready_record record;
    record.chunks = from.number("chunks", 0, max_file_size);
    record.chunk_size = static_cast<std::uint32_t>(from.number("chunk", 0, max_chunk));
    record.complete = from.flag("complete");
    if (record.chunks > 0 && record.chunk_size == 0) from.wrong("chunk", "the size of a chunk");
    return record;
  });
}

outcome<branch_record> decode_branch(byte_view body) {
  return cbor::decode_record<branch_record>(record_type::branch, body, [](fields& from) {
    branch_record record;
    record.name = from.name("name");
    if (from.find("type")) {
      record.type = static_cast<record_type>(from.number("type", 0, 255));
      if (!travels_in_branch(*record.type)) from.wrong("type", "receipt or refusal");
      record.body = from.binary("body", max_body(*record.type));
      if (from.find("job")) record.job = from.binary("job", max_body(record_type::job_result));
    } else {
      record.why.code = errc_from_string(from.name("code"));
      record.why.text = from.text("text", cbor::max_text);
      record.why.hop = from.optional_name("hop").value_or("");
      record.why.at_end = from.flag("at_end");
    }
    return record;
  });
}

std::uint64_t chunk_length(std::uint64_t index, std::uint64_t size, std::uint32_t chunk_size) {
  return std::min<std::uint64_t>(chunk_size, size - (index - 1) * chunk_size);
}

} // namespace hublink
