#pragma once
/// `hublink revoke` at a manager: a newer list of revoked certificates comes to all nodes.
#include "node/control/control_services.hpp"

namespace hublink {

struct request_call;

/// The list is the one of the request, or is made by the CA in the manager's directory, which then revokes
/// the node that the request names.
control_actor spawn_revoke_request(caf::actor_system& system, request_call call);

} // namespace hublink
