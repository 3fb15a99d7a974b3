#include "actors/gateway/gateway_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace hublink {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return {};
  return port;
}

/// A network, or one address as the network of its own.
std::optional<ip_network> parse_hosts(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (auto network = ip_network::parse(text)) return network;
  auto address = ip_address::parse(text);
  if (!address) return {};
  return ip_network{*address, address->width()};
}

ip_network network_of(const char* text) { return *ip_network::parse(text); }

/// Networks that a wide rule does not mean: what is special to the machine itself.
const std::vector<ip_network>& special_networks() {
  static const std::vector<ip_network> all{
      network_of("127.0.0.0/8"), network_of("::1/128"), network_of("169.254.0.0/16"), network_of("fe80::/10"),
      network_of("0.0.0.0/8"),   network_of("::/128"),  network_of("224.0.0.0/4"),    network_of("ff00::/8")};
  return all;
}

bool is_within(const ip_network& inner, const ip_network& outer) {
  return inner.base.v6 == outer.base.v6 && inner.prefix >= outer.prefix && outer.contains(inner.base);
}

/// IPv4 written as IPv6 (`::ffff:a.b.c.d`) must not pass by the rules for IPv4.
ip_address plain(const ip_address& address) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!address.v6 || !std::ranges::equal(mapped, std::span(address.octets).first(mapped.size())))
    return address;
  ip_address v4;
  std::copy_n(address.octets.begin() + mapped.size(), 4, v4.octets.begin());
  return v4;
}

mux_refusal not_allowed(const endpoint& where, const std::string& node) {
  return {mux_reason::not_allowed, to_string(where) + " is not in proxy.allow of " + node};
}

} // namespace

const gateway_definition* find_called(const definition& self, const std::string& name,
                                      const std::string& peer, bool udp) {
  for (const auto& gateway : self.proxy.gateways)
    if (gateway.name == name && gateway.called == self.node && gateway.calling == peer && gateway.udp == udp)
      return &gateway;
  return nullptr;
}

bool is_own_listener(const definition& self, bool udp, const endpoint& where) {
  if (!udp && (where == self.proxy.socks || where == self.proxy.redirect)) return true;
  return std::ranges::any_of(self.proxy.gateways, [&](const auto& gateway) {
    return gateway.calling == self.node && gateway.udp == udp && gateway.listen == where;
  });
}

delivery may_deliver(const definition& self, const std::string& peer, bool udp, const mux_target& target) {
  if (!self.proxy.enabled)
    return mux_refusal{mux_reason::not_allowed, "the proxy function is off at " + self.node};
  if (target.hops_left == 0) return mux_refusal{mux_reason::loop, "the gateways on the way lead in a circle"};
  if (target.kind == mux_target::by::gateway) {
    if (auto found = find_called(self, target.name, peer, udp)) return found->deliver;
    return mux_refusal{mux_reason::unknown,
                       self.node + " has no gateway " + target.name + " that " + peer + " may call"};
  }
  if (auto no = may_connect(self, target.where)) return *no;
  return endpoint{plain(target.where.address), target.where.port};
}

std::optional<mux_refusal> may_connect(const definition& self, const endpoint& where) {
  auto address = plain(where.address);
  ip_network narrowest{address, 0};
  if (address == self.address.address) narrowest.prefix = address.width();
  bool special = narrowest.prefix > 0;
  for (const auto& network : special_networks())
    if (network.contains(address)) {
      if (network.prefix > narrowest.prefix) narrowest = network;
      special = true;
    }
  for (const auto& rule : self.proxy.allow) {
    if (!rule.network.contains(address) || where.port < rule.first_port || where.port > rule.last_port)
      continue;
    if (!special || is_within(rule.network, narrowest)) return {};
  }
  return not_allowed({address, where.port}, self.node);
}

std::string called_for(const definition& self, const mux_target& target) {
  if (target.kind == mux_target::by::address)
    for (const auto& route : self.routes)
      if (!route.explicit_route && route.network.contains(target.where.address) && route.via != self.node)
        return route.via;
  return self.proxy.called;
}

std::optional<proxy_rule> proxy_rule::parse(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos) return {};
  auto network = parse_hosts(text.substr(0, colon));
  auto ports = text.substr(colon + 1);
  auto dash = ports.find('-');
  auto first = parse_port(ports.substr(0, dash));
  auto last = dash == ports.npos ? first : parse_port(ports.substr(dash + 1));
  if (!network || !first || !last || *last < *first) return {};
  return proxy_rule{*network, *first, *last};
}

std::string to_string(const proxy_rule& rule) {
  auto text = to_string(rule.network) + ":" + std::to_string(rule.first_port);
  return rule.last_port == rule.first_port ? text : text + "-" + std::to_string(rule.last_port);
}

} // namespace hublink
