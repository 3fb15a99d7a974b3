#pragma once
/// Addresses that mean the machine itself, everybody near it, or another address. Pure.
#include "protocol/base/address.hpp"

#include <vector>

namespace hublink {

/// The network that has a meaning of its own on every machine, if the address is in one: loopback,
/// link-local, unspecified, multicast, broadcast, the local translation of RFC 8215.
std::optional<ip_network> special_network_of(const ip_address& address);

/// 127.0.0.0/8, ::1.
bool is_loopback(const ip_address& address);
/// 0.0.0.0, ::, which stand for all addresses of a machine.
bool is_unspecified(const ip_address& address);

/// The IPv4 addresses that an IPv6 one carries, and to which a translator or a tunnel may lead it: NAT64 (RFC
/// 6052), SIIT (RFC 2765), 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214), compatible ones (RFC 4291).
std::vector<ip_address> carried_addresses(const ip_address& address);

} // namespace hublink
