#pragma once
/// A hub between the ends of a transfer that changes what it carries.
#include "transfer_fixture.hpp"

#include "protocol/transfer/transfer_records.hpp"

namespace hublink::test {

/// To the receiver, in this order; the file has three chunks of content.
enum number : std::size_t { offer, header, envelopes, metadata, chunk1, chunk2, chunk3, end, records };

/// What the sender of a whole, good transfer said.
std::vector<bytes> recording(std::uint32_t attempt = 1, const transfer_id& transfer = some_transfer);

inline byte_view body_of(const bytes& record) { return byte_view{record}.subspan(record_head); }

/// Of what passed so far: what answers to the offer and to the header are signed over.
statement_hash hash_of_offer(const transfer_fixture& t);
statement_hash hash_of_header(const transfer_fixture& t);

} // namespace hublink::test
