#pragma once
/// What `hublink wrap` tells the preloaded library by the environment. The library uses no C++ runtime: it
/// lives in programs that may have none, or another one.
#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hublink::wrap {

/// An address without its family's dress: IPv4 in IPv6 counts as IPv4.
struct plain_address {
  bool v6;
  unsigned char octets[16];
  std::uint16_t port; ///< host order

  bool operator==(const plain_address&) const = default;
};
struct rule {
  bool v6, direct;
  unsigned char base[16];
  int prefix;
  std::uint16_t first, last;
};
struct settings {
  plain_address gateway;
  rule* rules;
  int rule_count;
  char *user, *names; ///< null: none
  std::uint16_t reply_timeout_s;
  unsigned char replies_from; ///< as SOCKS command 0x84 says it
  bool replies_extend;
};

/// As they were when the program began: it may write over its environment, as those do that set their title.
/// Ends the program, with exit code 2 and one line, if they can't be read: it would go out without the
/// gateway.
const settings& current();

/// False if it is no IP address.
bool plain(const sockaddr* address, socklen_t size, plain_address& to);

/// Does that destination go through the gateway?
bool takes(const sockaddr* to, socklen_t size);

} // namespace hublink::wrap
