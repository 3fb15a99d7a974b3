#pragma once
/// Where a machine is dialled, as people write it: by an address, or by a DNS name that has to be looked up.
#include "protocol/base/address.hpp"

#include <vector>

namespace hublink {

/// `hub-a.plant.example`, as a program may ask the system's resolver for (RFC 1123, and `_`); a dot at the
/// end keeps search domains out. What ends in a number is an address, or a misspelt one.
bool is_dns_name(std::string_view text);

/// `127.1.1.1:40000`, `[::1]:40000` or `hub-a.plant.example:40000`; port 0 stands for one that somebody else
/// names, and is not written.
struct dial_address {
  std::string name; ///< to be looked up; empty: `address` counts
  ip_address address;
  std::uint16_t port = 0;

  dial_address() = default;
  dial_address(const ip_address& of) : address(of) {}
  dial_address(const endpoint& where) : address(where.address), port(where.port) {}

  static std::optional<dial_address> parse(std::string_view text);
  /// The same, or without a port: `127.1.1.1`, `::1`, `hub-a.plant.example`.
  static std::optional<dial_address> parse_host(std::string_view text);

  bool is_name() const { return !name.empty(); }
  /// Nothing: it has to be looked up.
  std::optional<ip_address> known_address() const {
    return is_name() ? std::nullopt : std::optional{address};
  }
  std::optional<endpoint> known_endpoint() const {
    return is_name() ? std::nullopt : std::optional{endpoint{address, port}};
  }
  auto operator<=>(const dial_address&) const = default;
};
std::string to_string(const dial_address& where);

using endpoints = std::vector<endpoint>; ///< of one machine, in the order in which they are tried

/// The order in which a name's addresses are tried: as the resolver has them (RFC 6724), but the families in
/// turn, so that one that does not work costs one attempt (RFC 8305, section 4). Each once.
std::vector<ip_address> dial_order(const std::vector<ip_address>& found);

} // namespace hublink
