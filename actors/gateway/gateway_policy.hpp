#pragma once
/// Which applications a gateway carries, and where to. Pure; asked for every stream and every flow.
#include "actors/definition/definition.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <variant>

namespace hublink {

/// A destination that a called gateway may connect to, or why it may not.
using delivery = std::variant<endpoint, mux_refusal>;

/// The called side's gateway of that name, if `peer` is its calling side.
const gateway_definition* find_called(const definition& self, const std::string& name,
                                      const std::string& peer, bool udp);

/// The called side's answer to a target that is a gateway's name or an address. A gateway's own `deliver`
/// needs no further permission. One that leads to a node of this network, or back to a listener of this
/// gateway, is refused as `loop` when no hop is left.
delivery may_deliver(const definition& self, const std::string& peer, bool udp, const mux_target& target);

/// The called side's allow-list, for an address as it will be used. Loopback, link-local and this node's own
/// addresses need a rule for themselves: one that is not wider than their own network.
std::optional<mux_refusal> may_connect(const definition& self, const endpoint& where);

/// The calling side: which gateway serves a destination that an application names. The server in whose
/// segment it lies, else `proxy.called`; empty if there is none.
std::string called_for(const definition& self, const mux_target& target);

/// Does this node listen there for applications?
bool is_own_listener(const definition& self, bool udp, const endpoint& where);

} // namespace hublink
