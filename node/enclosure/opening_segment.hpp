#pragma once
/// A packet that opens a TCP connection (RFC 9293, SYN), from its IP header on. Pure.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"

namespace hublink {

struct opening_segment {
  endpoint from, to;
  bytes packet; ///< with its whole checksum: where it comes from, the device was to complete it

  /// Nothing for any other packet.
  static std::optional<opening_segment> parse(byte_view packet);
};

} // namespace hublink
