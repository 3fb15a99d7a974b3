#pragma once
/// Which applications a gateway carries, and where to. Pure; asked for every stream and every flow.
#include "actors/definition/definition.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <functional>
#include <variant>

namespace hublink {

/// A destination that a called gateway may connect to, or why it may not. A name is one of the definition's
/// own: whatever it leads to is meant.
using delivery = std::variant<dial_address, mux_refusal>;

/// Is that an address of this machine, or a broadcast address of a network that it is in?
using own_address_test = std::function<bool(const ip_address& address)>;

/// The words of refusals that more than one place gives.
namespace refusal {
mux_refusal drained(const std::string& node);
mux_refusal circle();          ///< no hop is left
mux_refusal not_let_through(); ///< by the definition in force
mux_refusal changed();         ///< the definition, between the question and its answer
} // namespace refusal

/// The called side's gateway of that name, if `peer` is its calling side.
const gateway_definition* find_called(const definition& self, const std::string& name,
                                      const std::string& peer, bool udp);

/// The called side's answer to a target that is a gateway's name or an address. A gateway's own `deliver`
/// needs no further permission. One that leads to a node of this network, or back to a listener of this
/// gateway, is refused as `loop` when no hop is left.
delivery may_deliver(const definition& self, const std::string& peer, bool udp, const mux_target& target,
                     const own_address_test& is_own);

/// The called side's answer to a target that is a host's name, before anybody is asked for its address:
/// refused where no rule could allow any. What it leads to then takes `may_connect`.
std::optional<mux_refusal> may_look_up(const definition& self, const mux_target& target);

/// The called side's allow-list, for an address as it will be used. A wide rule does not mean what is special
/// (`special_network_of`), this machine's own, or leads there by translation: that needs a rule for itself,
/// one within the special network, or of the address alone.
std::optional<mux_refusal> may_connect(const definition& self, const endpoint& where,
                                       const own_address_test& is_own);

/// The calling side: which gateway serves a destination that an application names. The server in whose
/// segment it lies, this one too, else `proxy.called`; empty if there is none.
std::string called_for(const definition& self, const mux_target& target);

/// May a look-up of that name lead there? One of the definition's own may lead anywhere.
std::optional<mux_refusal> may_lead_to(const definition& self, const mux_target& target,
                                       const endpoint& where, const own_address_test& is_own);

/// Does this node itself listen there, for links and data?
bool is_own_port(const definition& self, const endpoint& where, const own_address_test& is_own);
/// Does this node listen there for applications?
bool is_own_listener(const definition& self, bool udp, const endpoint& where);

} // namespace hublink
