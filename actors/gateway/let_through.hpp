#pragma once
/// What gateways have let through, asked again when another definition is in force. Pure.
#include "actors/gateway/gateway_policy.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <string>

namespace hublink {

/// A stream or flow as it was let through at one of its two gateways.
struct let_through {
  std::string
      entry{}; ///< calling side: the listener, as listings name it: a gateway's name, `socks`, `redirect`
  std::string peer{}; ///< the other gateway
  bool calling = true, udp = false;
  mux_target target{};
  dial_address destination{}; ///< called side: where it leads; a gateway's own, as the definition says it
};

/// Would the definition let it through today, to the same place? A change of the way is none.
bool is_still_let_through(const definition& self, const let_through& what, const own_address_test& is_own);

/// May this server have a gateway link with that one at all? Fails with `cut`: what ended may begin again.
outcome<> may_have_gateway_link(const definition& self, const std::string& peer);

} // namespace hublink
