#pragma once
/// Who may ask this node for what, by its definition. Pure.
#include "actors/definition/definition.hpp"
#include "protocol/link/link_message.hpp"

#include <string>

namespace hublink {

/// May `peer` ask this node for that? A client asks its home server only for files that it sends (or
/// receives, in requests), and for no other destination than its definition's; a manager for management and
/// pings; a server must be a neighbour; a client is asked only by its home server. Fails with
/// `not_authorised` or `unknown_file`.
outcome<> may_ask(const definition& self, const std::string& peer, role peer_role, const open& request);

} // namespace hublink
