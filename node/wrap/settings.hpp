#pragma once
/// What `hublink wrap` tells the preloaded library by the environment. The library uses no C++ runtime: it
/// lives in programs that may have none, or another one.
#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hublink::wrap {

/// HUBLINK_WRAP_GATEWAY: `127.1.1.1:1080` or `[::1]:1080`. HUBLINK_WRAP_RULES: which destinations to take;
/// the first that fits decides. `4 7f010200 24 1 65535;` is family, address in hex, prefix, first port, last
/// port; with the family negative it is not taken. HUBLINK_WRAP_USER: `user:password`. HUBLINK_WRAP_REPLY_S:
/// reply time-out of datagrams. HUBLINK_WRAP_NAMES: patterns of names to be looked up at the called side,
/// with blanks between them.
struct rule {
  bool v6, direct;
  unsigned char base[16];
  int prefix;
  std::uint16_t first, last;
};
struct settings {
  bool on = false;
  sockaddr_storage gateway;
  socklen_t gateway_size;
  rule rules[128];
  int rule_count;
  const char *user, *names; ///< null: none
  unsigned char reply_timeout_s;
};

const settings& current();

/// An address without its family's dress: IPv4 in IPv6 counts as IPv4.
struct plain_address {
  bool v6;
  unsigned char octets[16];
  std::uint16_t port; ///< host order

  bool operator==(const plain_address&) const = default;
};
/// False if it is no IP address.
bool plain(const sockaddr* address, socklen_t size, plain_address& to);

/// Does that destination go through the gateway?
bool takes(const sockaddr* to, socklen_t size);

} // namespace hublink::wrap
