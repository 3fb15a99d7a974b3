#pragma once
/// Who may ask this node for what, by its definition. Pure.
#include "actors/definition/definition.hpp"
#include "protocol/link/link_message.hpp"

#include <string>

namespace hublink {

/// May `peer` ask this node for that? Between a server and who is registered with it the kind's permissions
/// say so; other servers must be neighbours; a client or manager is asked by its home server alone. Fails
/// with `not_authorised` or `unknown_file`.
outcome<> authorise(const definition& self, const std::string& peer, role peer_role, const open& request);

} // namespace hublink
