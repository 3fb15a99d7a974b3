#pragma once
/// `revocations`: the list of revoked certificates that a node has; or a newer one, which it takes, and as a
/// server hands on to its clients.
#include "node/control/control_services.hpp"

namespace hublink {

struct request_call;

control_actor spawn_list_request(caf::actor_system& system, request_call call);

} // namespace hublink
