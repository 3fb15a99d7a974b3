#pragma once
/// IP addresses, networks and endpoints as values, IPv4 and IPv6 (RFC 4291; IPv4 stays IPv4).
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hublink {

struct ip_address {
  std::array<std::uint8_t, 16> octets{}; ///< IPv4 uses the first four
  bool v6 = false;

  static std::optional<ip_address> parse(std::string_view text);
  int width() const { return v6 ? 128 : 32; } ///< bits
  auto operator<=>(const ip_address&) const = default;
};
std::string to_string(const ip_address& address);
/// `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2) is the IPv4 address that it stands for: one host has one value.
ip_address unmapped(const ip_address& address);

/// `127.1.1.0/24`; host bits must be zero.
struct ip_network {
  ip_address base;
  int prefix = 0; ///< bits

  static std::optional<ip_network> parse(std::string_view text);
  bool contains(const ip_address& address) const;
  auto operator<=>(const ip_network&) const = default;
};
std::string to_string(const ip_network& network);

/// `127.1.1.1:40000` or `[::1]:40000`.
struct endpoint {
  ip_address address;
  std::uint16_t port = 0;

  static std::optional<endpoint> parse(std::string_view text);
  auto operator<=>(const endpoint&) const = default;
};
std::string to_string(const endpoint& where);

} // namespace hublink
