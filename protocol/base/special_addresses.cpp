#include "protocol/base/special_addresses.hpp"

#include <algorithm>

namespace hublink {

namespace {

ip_network known_network(const char* text) { return *ip_network::parse(text); }

/// Four octets of an IPv6 address, from `at` on, behind one of these prefixes.
struct embedding {
  ip_network prefix;
  std::size_t at;
  std::uint8_t flipped = 0; ///< of each octet
};

const std::vector<embedding>& embeddings() {
  static const std::vector<embedding> all{{known_network("64:ff9b::/96"), 12},
                                          {known_network("::ffff:0:0:0/96"), 12},
                                          {known_network("2002::/16"), 2},
                                          {known_network("2001::/32"), 12, 0xff},
                                          {known_network("::/96"), 12}};
  return all;
}

ip_address v4_at(const ip_address& from, std::size_t at, std::uint8_t flipped = 0) {
  ip_address v4;
  for (std::size_t i = 0; i < 4; ++i) v4.octets[i] = from.octets[at + i] ^ flipped;
  return v4;
}

/// An interface identifier of ISATAP, behind any prefix: `0:5efe:a.b.c.d`, or `200:5efe:…`.
bool is_isatap(const ip_address& address) {
  const auto& octets = address.octets;
  return (octets[8] & 0xfd) == 0 && octets[9] == 0 && octets[10] == 0x5e && octets[11] == 0xfe;
}

} // namespace

std::optional<ip_network> special_network_of(const ip_address& address) {
  static const std::vector<ip_network> all{
      known_network("127.0.0.0/8"),   known_network("::1/128"),   known_network("169.254.0.0/16"),
      known_network("fe80::/10"),     known_network("0.0.0.0/8"), known_network("::/128"),
      known_network("224.0.0.0/4"),   known_network("ff00::/8"),  known_network("255.255.255.255/32"),
      known_network("64:ff9b:1::/48")};
  auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.contains(address); });
  if (found == all.end()) return {};
  return *found;
}

bool is_loopback(const ip_address& address) {
  static const auto v4 = known_network("127.0.0.0/8"), v6 = known_network("::1/128");
  return v4.contains(address) || v6.contains(address);
}

bool is_unspecified(const ip_address& address) { return address.octets == ip_address{}.octets; }

std::vector<ip_address> carried_addresses(const ip_address& address) {
  std::vector<ip_address> carried;
  if (!address.v6) return carried;
  for (const auto& each : embeddings())
    if (each.prefix.contains(address)) carried.push_back(v4_at(address, each.at, each.flipped));
  if (is_isatap(address)) carried.push_back(v4_at(address, 12));
  return carried;
}

} // namespace hublink
