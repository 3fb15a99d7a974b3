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

bytes encode(const spool_ready_record& said) {
  return cbor::to_bytes({{"chunks", said.chunks}, {"chunk", said.chunk_size}, {"complete", said.complete}});
}

bytes encode(const branch_record& said) {
  json map{{"name", said.name}};
  if (said.type) {
    map["type"] = unsigned(*said.type);
    map["body"] = cbor::to_binary(said.body);
    if (!said.job.empty()) map["job"] = cbor::to_binary(said.job);
  } else {
    map["code"] = to_string(said.why.code);
    map["text"] = make_printable(said.why.text, cbor::max_text);
    if (!said.why.hop.empty()) map["hop"] = said.why.hop;
  }
  return cbor::to_bytes(map);
}

outcome<spool_ready_record> decode_spool_ready(byte_view body) {
  return cbor::decode_record<spool_ready_record>(record_type::spool_ready, body, [](fields& from) {
    spool_ready_record said;
    said.chunks = from.number("chunks", 0, max_file_size);
    said.chunk_size = static_cast<std::uint32_t>(from.number("chunk", 0, max_chunk));
    said.complete = from.flag("complete");
    if (said.chunks > 0 && said.chunk_size == 0) from.wrong("chunk", "the size of a chunk");
    return said;
  });
}

outcome<branch_record> decode_branch(byte_view body) {
  return cbor::decode_record<branch_record>(record_type::branch, body, [](fields& from) {
    branch_record said;
    said.name = from.name("name");
    if (from.find("type")) {
      said.type = static_cast<record_type>(from.number("type", 0, 255));
      if (!travels_in_branch(*said.type)) from.wrong("type", "receipt or refusal");
      said.body = from.binary("body", max_body(*said.type));
      if (from.find("job")) said.job = from.binary("job", max_body(record_type::job_result));
    } else {
      said.why.code = errc_from_string(from.name("code"));
      said.why.text = from.text("text", cbor::max_text);
      said.why.hop = from.optional_name("hop").value_or("");
    }
    return said;
  });
}

std::uint64_t chunk_length(std::uint64_t index, std::uint64_t size, std::uint32_t chunk_size) {
  return std::min<std::uint64_t>(chunk_size, size - (index - 1) * chunk_size);
}

} // namespace hublink
