#include "actors/gateway/gateway_policy.hpp"
#include "actors/base/current_work.hpp"
#include "protocol/base/special_addresses.hpp"

#include <algorithm>

namespace hublink {

namespace {

ip_network network_of_one(const ip_address& address) { return {address, address.width()}; }

bool is_within(const ip_network& inner, const ip_network& outer) {
  return inner.prefix >= outer.prefix && outer.contains(inner.base);
}

/// The definition names it as an address of this node.
bool is_named_of(const definition& self, const ip_address& address) {
  return self.address.known_address() == address ||
         std::ranges::any_of(self.listen, [&](const auto& own) { return own.address == address; });
}

/// Only rules within this network mean the address; nothing: all that have it.
std::optional<ip_network> meant_within(const definition& self, const endpoint& where,
                                       const own_address_test& is_own) {
  const auto& address = where.address;
  bool is_node = is_named_of(self, address) || is_own_port(self, where, is_own) ||
                 is_own_listener(self, false, where) || is_own_listener(self, true, where);
  if (is_node) return network_of_one(address);
  if (auto special = special_network_of(address)) return special;
  if (is_own(address)) return network_of_one(address);
  for (const auto& carried : carried_addresses(address))
    if (meant_within(self, {carried, where.port}, is_own)) return network_of_one(address);
  return {};
}

bool has_port(const proxy_rule& rule, std::uint16_t port) {
  return port >= rule.first_port && port <= rule.last_port;
}

/// The part of this server's own segment that has the address.
std::optional<ip_network> own_network_of(const definition& self, const ip_address& address) {
  auto found = std::ranges::find_if(self.segments, [&](const auto& each) { return each.contains(address); });
  return found == self.segments.end() ? std::nullopt : std::optional{*found};
}

/// Nothing at all is carried there.
std::optional<mux_refusal> turned_away(const definition& self, const mux_target& target) {
  if (!self.proxy.enabled)
    return mux_refusal{mux_reason::not_allowed, "the proxy function is off at " + self.node};
  if (target.hops_left == 0) return refusal::circle();
  return {};
}

mux_refusal not_allowed(const definition& self, const endpoint& where, bool is_listed) {
  auto text = to_string(where) + " is not in proxy.allow of " + self.node;
  if (is_listed) text += " by itself, as an address of its own machine or of special meaning has to be";
  return {mux_reason::not_allowed, text};
}

} // namespace

namespace refusal {

mux_refusal drained(const std::string& node) { return {mux_reason::busy, current_work::refusal(node).text}; }
mux_refusal circle() { return {mux_reason::loop, "the gateways on the way lead in a circle"}; }
mux_refusal not_let_through() {
  return {mux_reason::not_allowed, "the definition in force does not let it through"};
}
mux_refusal changed() { return {mux_reason::not_allowed, "the definition changed meanwhile"}; }

} // namespace refusal

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

delivery may_deliver(const definition& self, const std::string& peer, bool udp, const mux_target& target,
                     const own_address_test& is_own) {
  if (auto no = turned_away(self, target)) return *no;
  if (target.kind == mux_target::by::gateway) {
    if (auto found = find_called(self, target.name, peer, udp)) return found->deliver;
    return mux_refusal{mux_reason::unknown,
                       self.node + " has no gateway " + target.name + " that " + peer + " may call"};
  }
  const endpoint where{unmapped(target.where.address), target.where.port};
  if (auto no = may_connect(self, where, is_own)) return *no;
  return dial_address{where};
}

std::optional<mux_refusal> may_lead_to(const definition& self, const mux_target& target,
                                       const endpoint& where, const own_address_test& is_own) {
  if (target.kind == mux_target::by::gateway) return {};
  return may_connect(self, where, is_own);
}

// Whoever listens at all addresses does so at those of loopback, too.
bool is_own_port(const definition& self, const endpoint& where, const own_address_test& is_own) {
  return std::ranges::any_of(self.own_listens(), [&](const endpoint& own) {
    if (own == where) return true;
    const bool all =
        is_unspecified(own.address) && own.port == where.port && (own.address.v6 || !where.address.v6);
    return all && (special_network_of(where.address) || is_own(where.address));
  });
}

std::optional<mux_refusal> may_look_up(const definition& self, const mux_target& target) {
  if (auto no = turned_away(self, target)) return no;
  auto port = target.where.port;
  if (std::ranges::any_of(self.proxy.allow, [&](const auto& rule) { return has_port(rule, port); }))
    return {};
  return mux_refusal{mux_reason::not_allowed, "no rule in proxy.allow of " + self.node + " has port " +
                                                  std::to_string(port) + ", so " + target.name +
                                                  " is not looked up"};
}

std::optional<mux_refusal> may_connect(const definition& self, const endpoint& where,
                                       const own_address_test& is_own) {
  const endpoint plain{unmapped(where.address), where.port};
  auto lists_it = [&](const proxy_rule& rule) {
    return rule.network.contains(plain.address) && has_port(rule, plain.port);
  };
  if (std::ranges::none_of(self.proxy.allow, lists_it)) return not_allowed(self, plain, false);
  const auto within = meant_within(self, plain, is_own);
  auto means_it = [&](const proxy_rule& rule) {
    return lists_it(rule) && (!within || is_within(rule.network, *within));
  };
  if (std::ranges::any_of(self.proxy.allow, means_it)) return {};
  return not_allowed(self, plain, true);
}

std::string called_for(const definition& self, const mux_target& target) {
  if (target.kind != mux_target::by::address) return self.proxy.called;
  const auto address = unmapped(target.where.address);
  auto own = own_network_of(self, address);
  for (const auto& route : self.routes) {
    if (route.explicit_route || !route.host.empty() || !route.network.contains(address) ||
        route.via == self.node)
      continue;
    if (!own || !is_within(*own, route.network)) return route.via;
  }
  return own ? self.node : self.proxy.called;
}

} // namespace hublink
