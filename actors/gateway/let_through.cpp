#include "actors/gateway/let_through.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "actors/routing/authorisation.hpp"

#include <algorithm>

namespace hublink {

namespace {

bool is_still_called(const definition& self, const let_through& what) {
  const auto& proxy = self.proxy;
  if (what.target.kind == mux_target::by::gateway)
    return std::ranges::any_of(proxy.gateways, [&](const gateway_definition& gateway) {
      return gateway.name == what.target.name && gateway.calling == self.node &&
             gateway.called == what.peer && gateway.udp == what.udp;
    });
  return what.entry == "redirect" ? proxy.redirect.has_value() : proxy.socks.has_value();
}

bool is_still_delivered(const definition& self, const let_through& what, const own_address_test& is_own) {
  if (what.target.kind != mux_target::by::gateway) {
    auto where = what.destination.known_endpoint();
    return where && !may_connect(self, *where, is_own);
  }
  auto* known = find_called(self, what.target.name, what.peer, what.udp);
  return known && known->deliver == what.destination;
}

} // namespace

bool is_still_let_through(const definition& self, const let_through& what, const own_address_test& is_own) {
  if (!may_have_gateway_link(self, what.peer)) return false;
  return what.calling ? is_still_called(self, what) : is_still_delivered(self, what, is_own);
}

outcome<> may_have_gateway_link(const definition& self, const std::string& peer) {
  if (!self.proxy.enabled) return failure{errc::cut, self.node, "the proxy function is off at " + self.node};
  if (!is_known_server(self, peer))
    return failure{errc::cut, self.node, self.node + " knows no server " + peer + " by its definition"};
  return {};
}

} // namespace hublink
