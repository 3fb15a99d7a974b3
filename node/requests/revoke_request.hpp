#pragma once
/// `hublink revoke` at a manager: a newer list of revoked certificates comes to all nodes.
#include "node/control/control_services.hpp"

namespace hublink {

struct request_call;

/// The list is the one of the request, or is made by the CA in the manager's directory, which then revokes
/// the node that the request names.
control_actor spawn_revoke_request(caf::actor_system& system, request_call call);

/// By that user's sessions, if ever anybody was revoked. Nobody waits for it; failures are logged.
void bring_newest_list(caf::actor_system& system, const control_services& services, const std::string& user);

} // namespace hublink
