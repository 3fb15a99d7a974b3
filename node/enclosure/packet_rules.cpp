#include "node/enclosure/packet_rules.hpp"

#include <spdlog/fmt/fmt.h>

namespace hublink {

namespace {

std::string mark_text(packet_mark mark) { return fmt::format("{:#x}", static_cast<std::uint32_t>(mark)); }

const char* family_word(bool v6) { return v6 ? "ip6" : "ip"; }

/// To `outside`, however near it looks.
std::string taken(const ip_network& network, std::uint16_t first, std::uint16_t last) {
  return fmt::format("  {} daddr {} meta l4proto {{ tcp, udp }} th dport {}-{} goto outside\n",
                     family_word(network.base.v6), to_string(network), first, last);
}

std::string near(const std::string& family, const std::string& networks) {
  return fmt::format("  {} daddr {{ {} }} accept\n", family, networks);
}

std::string to_listener(const char* protocol, packet_mark mark) {
  std::string text;
  auto marked = mark == packet_mark{} ? std::string{} : "meta mark " + mark_text(mark) + " ";
  for (bool v6 : {false, true})
    text += fmt::format("  meta l4proto {} meta nfproto {} {}tproxy {} to :{} accept\n", protocol,
                        v6 ? "ipv6" : "ipv4", marked, family_word(v6), inner_port);
  return text;
}

} // namespace

ip_address inner_address(bool v6) { return *ip_address::parse(v6 ? "fd68:7562:6c69::1" : "192.0.0.8"); }

std::string packet_rules(const ways_out& ways, const std::vector<ip_address>& name_servers) {
  std::string chosen, networks[2] = {to_string(inner_address(false)), to_string(inner_address(true))};
  for (const auto& server : name_servers) chosen += taken({server, server.width()}, 53, 53);
  for (const auto& rule : ways.rules())
    chosen += taken(rule.where.network, rule.where.first_port, rule.where.last_port);
  for (const auto& network : nearby_networks()) networks[network.base.v6] += ", " + to_string(network);
  return "table inet hublink {\n"
         " chain outside {\n"
         // A stand-in is for connections; what speaks UDP first falls back to them.
         "  ip daddr 198.18.0.0/15 meta l4proto udp meta mark set " +
         mark_text(packet_mark::refused) +
         " accept\n"
         "  meta l4proto tcp tcp flags & (syn | ack) != syn accept\n" +
         to_listener("tcp", packet_mark::admitted) + "  meta mark { " + mark_text(packet_mark::refused) +
         ", " + mark_text(packet_mark::no_route) + ", " + mark_text(packet_mark::host_unreachable) + ", " +
         mark_text(packet_mark::prohibited) +
         " } accept\n"
         "  meta l4proto tcp drop\n" + // it waits for the answer: connection_door lets it in
         to_listener("udp", {}) +
         "  meta mark set " + mark_text(packet_mark::prohibited) +
         " accept\n"
         " }\n"
         " chain arriving {\n"
         "  type filter hook prerouting priority mangle\n"
         "  meta mark " +
         mark_text(packet_mark::ours) + " accept\n" + chosen + near("ip", networks[0]) +
         near("ip6", networks[1]) +
         "  goto outside\n"
         " }\n"
         " chain answered {\n"
         "  type filter hook input priority filter\n"
         "  meta mark " +
         mark_text(packet_mark::refused) +
         " meta l4proto tcp reject with tcp reset\n"
         "  meta mark " +
         mark_text(packet_mark::refused) +
         " reject with icmpx type port-unreachable\n"
         "  meta mark " +
         mark_text(packet_mark::no_route) +
         " reject with icmpx type no-route\n"
         "  meta mark " +
         mark_text(packet_mark::host_unreachable) +
         " reject with icmpx type host-unreachable\n"
         "  meta mark " +
         mark_text(packet_mark::prohibited) +
         " reject with icmpx type admin-prohibited\n"
         " }\n"
         "}\n";
}

} // namespace hublink
