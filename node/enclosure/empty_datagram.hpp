#pragma once
/// A UDP datagram without content, from its IP header on: what a refusal of one refers to. Pure.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"

namespace hublink {

/// Both of one family.
bytes empty_datagram(const endpoint& from, const endpoint& to);

} // namespace hublink
