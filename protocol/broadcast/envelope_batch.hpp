#pragma once
/// Envelopes of many receivers on their way to a broadcast point. docs/protocol/broadcasts.md, "Broadcasts".
#include "protocol/transfer/transfer_records.hpp"

namespace hublink {

/// Envelopes in one batch: their sender makes them in one go, in 3 ms.
inline constexpr std::size_t most_in_batch = 32;

/// The body of a record `batch`, of 1 to `most_in_batch` envelopes.
bytes pack_envelopes(const envelopes_record& record);
/// `bad_message` unless it is that many envelopes, and no bit of them was flipped by a line. Whether they are
/// good, receivers find out.
outcome<envelopes_record> unpack_envelopes(byte_view body);

} // namespace hublink
