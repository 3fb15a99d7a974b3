#pragma once
/// Envelopes of many receivers on their way to a broadcast point. All but keys, nonces and tags is the same
/// in each of them, so they travel compressed (zstd, RFC 8878). docs/protocol.md, "Broadcasts".
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

/// Envelopes in one batch: their sender makes them in one go, in 15 ms. Twice as many would save 1 %.
inline constexpr std::size_t most_in_batch = 32;

/// The body of a record `batch`, of 1 to `most_in_batch` envelopes. Fails if memory is short.
outcome<bytes> pack_envelopes(const envelopes_record& record);
/// Takes no more memory than `max_batch`, whatever the body says. `bad_message` unless it is exactly one
/// frame of that many envelopes.
outcome<envelopes_record> unpack_envelopes(byte_view body);

} // namespace hublink
