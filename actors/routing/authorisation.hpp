#pragma once
/// Who may ask this node for what, by its definition. Pure.
#include "actors/definition/definition.hpp"
#include "protocol/link/link_message.hpp"

#include <optional>
#include <string>

namespace hublink {

/// May `peer` ask this node for that? Between a server and who is registered with it the kind's permissions
/// say so; a guest may ask for transfers, requests and pings as if it were; other servers must be neighbours.
/// A client or manager is asked by its home server alone, a client for a direct transfer by its other end.
/// Fails with `not_authorised` or `unknown_file`.
outcome<> authorise(const definition& self, const std::string& peer, role peer_role, const open& request);
/// May `peer` go on with what it was allowed to ask by an earlier definition? As `authorise`, but for the
/// way: a circuit goes on by the one on which it was made.
outcome<> may_keep(const definition& self, const std::string& peer, role peer_role, const open& request);

/// The role of the node of that name with which this one may have a link; nothing if it has no business here.
std::optional<role> neighbour_role(const definition& self, const std::string& peer);
/// Does the definition know a server of that name, wherever it is?
bool is_known_server(const definition& self, const std::string& name);

} // namespace hublink
