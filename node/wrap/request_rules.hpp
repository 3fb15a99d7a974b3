#pragma once
/// What goes to the gateway in front of a request: how the application watches over its connection, and who
/// may reply to its datagrams (SOCKS command 0x84, docs/reference/gateways.md).
#include "settings.hpp"

#include <cstddef>

namespace hublink::wrap {

constexpr std::size_t longest_rules = 4 + 16 + 2;

/// Of a stream from `fd`, whose application has set that TCP_USER_TIMEOUT. They are always as long.
std::size_t put_stream_rules(unsigned char* into, int fd, unsigned user_timeout_ms);
/// Of datagrams. Returns their size; 0: nothing is set that the gateway would not do by itself.
std::size_t put_datagram_rules(unsigned char* into);

} // namespace hublink::wrap
