#pragma once
/// The nftables rules of a namespace that has nothing but loopback: what a program sends to anywhere else
/// comes to the listeners here. Pure.
#include "node/enclosure/ways_out.hpp"

#include <string>

namespace hublink {

/// Marks of packets in the namespace. The program's own have none.
enum class packet_mark : std::uint32_t {
  ours = 0x68750001, ///< of this side: goes where it is addressed
  admitted,          ///< opens a connection that is there on the far side
  refused,           ///< the following are answered as their name says
  no_route,
  host_unreachable,
  prohibited,
};

/// What the namespace's loopback device has, so that a destination has a source: IPv4's dummy address
/// (RFC 7600), and a unique local one (RFC 4193).
ip_address inner_address(bool v6);

/// The port at which the listeners of both protocols and families are.
inline constexpr std::uint16_t inner_port = 1;

/// `name_servers`: those of /etc/resolv.conf, whose port 53 comes here wherever they are.
std::string packet_rules(const ways_out& ways, const std::vector<ip_address>& name_servers);

} // namespace hublink
