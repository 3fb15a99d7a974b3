#pragma once
/// Reads a record whose body is one CBOR map. For codecs only.
#include "protocol/base/cbor_fields.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/circuit/record_frame.hpp"

namespace hublink::cbor {

inline failure wrong_record(record_type type, const std::string& problem) {
  return {errc::bad_message, {}, "record " + std::string{to_string(type)} + ": " + problem};
}

/// What `read(fields&)` makes of the map in `body`, or the first problem of it.
template <class T, class Read>
outcome<T> decode_record(record_type type, byte_view body, Read read) {
  auto map = parse_map(body);
  if (!map) return wrong_record(type, "not a CBOR map within bounds");
  fields from(*map);
  T found = read(from);
  if (!from.problem().empty()) return wrong_record(type, from.problem());
  return found;
}

} // namespace hublink::cbor
