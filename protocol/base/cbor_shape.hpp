#pragma once
/// A look at CBOR (RFC 8949) before it is parsed: the parser recurses as deep as its input says, and makes as
/// many values.
#include "protocol/base/bytes.hpp"

namespace hublink {

/// True if `data` is exactly one item of definite lengths, nested at most `max_depth` deep, of `max_items` in
/// all, without tags.
bool is_flat_cbor(byte_view data, int max_depth, std::size_t max_items);

} // namespace hublink
