#include "protocol/broadcast/envelope_batch.hpp"

#include "protocol/base/cbor_fields.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr std::size_t sum_size = 8;
constexpr std::size_t map_overhead = 5; // bytes for each envelope
static_assert(sum_size + 3 + most_in_batch * (cbor::max_name + envelope_size + map_overhead) <= max_batch,
              "whatever the names, a batch fits its record");

/// Against errors of lines, not against anybody.
statement_hash sum_of(byte_view content) { return hash_of(content); }

} // namespace

bytes pack_envelopes(const envelopes_record& record) {
  auto content = encode(record);
  auto sum = sum_of(content);
  bytes packed(sum_size + content.size());
  std::ranges::copy(content, std::ranges::copy(std::span{sum}.first(sum_size), packed.begin()).out);
  return packed;
}

outcome<envelopes_record> unpack_envelopes(byte_view body) {
  failure wrong{errc::bad_message, {}, "record batch: not envelopes by name behind their sum"};
  if (body.size() <= sum_size || body.size() > max_batch) return wrong;
  auto content = body.subspan(sum_size);
  auto sum = sum_of(content);
  if (!std::ranges::equal(body.first(sum_size), std::span{sum}.first(sum_size))) return wrong;
  auto record = decode_envelopes(content);
  if (record && (record->by_name.empty() || record->by_name.size() > most_in_batch)) return wrong;
  return record;
}

} // namespace hublink
