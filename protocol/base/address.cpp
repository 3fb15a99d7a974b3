#include "protocol/base/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace hublink {

namespace {

/// Decimal digits alone, no sign, no leading zero.
std::optional<int> parse_number(std::string_view text, int largest) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return {};
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text[0] == '-' || value > largest)
    return {};
  return value;
}

/// Does `address` begin with the first `bits` of `base`?
bool same_prefix(const ip_address& base, const ip_address& address, int bits) {
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    auto mask = bits >= 8 ? 0xff : 0xff << (8 - bits) & 0xff;
    if ((base.octets[i] & mask) != (address.octets[i] & mask)) return false;
  }
  return true;
}

ip_address without_host_bits(ip_address address, int prefix) {
  for (int i = 0; i < address.width() / 8; ++i) {
    auto bits = std::clamp(prefix - 8 * i, 0, 8);
    address.octets[i] &= 0xff << (8 - bits);
  }
  return address;
}

} // namespace

ip_address unmapped(const ip_address& address) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!address.v6 || !std::equal(mapped.begin(), mapped.end(), address.octets.begin())) return address;
  ip_address v4;
  std::copy(address.octets.begin() + 12, address.octets.end(), v4.octets.begin());
  return v4;
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return {};
  const std::string terminated{text};
  ip_address address;
  if (inet_pton(AF_INET, terminated.c_str(), address.octets.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, terminated.c_str(), address.octets.data()) == 1) return unmapped(address);
  return {};
}

std::string to_string(const ip_address& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.octets.data(), text, sizeof text);
  return text;
}

std::optional<ip_network> ip_network::parse(std::string_view text) {
  auto slash = text.find('/');
  if (slash == text.npos) return {};
  auto base = ip_address::parse(text.substr(0, slash));
  if (!base) return {};
  auto prefix = parse_number(text.substr(slash + 1), base->width());
  if (!prefix || without_host_bits(*base, *prefix) != *base) return {};
  return ip_network{*base, *prefix};
}

bool ip_network::contains(const ip_address& address) const {
  return address.v6 == base.v6 && same_prefix(base, address, prefix);
}

std::string to_string(const ip_network& network) {
  return to_string(network.base) + "/" + std::to_string(network.prefix);
}

std::optional<endpoint> endpoint::parse(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos) return {};
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets an IPv6 address and its port can't be told apart.
  if (!bracketed && host.find(':') != host.npos) return {};
  if (bracketed && host.find(':') == host.npos) return {};
  auto address = ip_address::parse(host);
  auto port = parse_number(text.substr(colon + 1), 65535);
  if (!address || !port) return {};
  return endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::string to_string(const endpoint& where) {
  auto host = to_string(where.address);
  return (where.address.v6 ? "[" + host + "]" : host) + ":" + std::to_string(where.port);
}

} // namespace hublink
