#pragma once
/// `hublink apply` at a manager: signs every node's definition and brings it there over the sessions; servers
/// hand those of their clients on.
#include "node/control/control_services.hpp"

namespace hublink {

struct request_call;

control_actor spawn_apply_request(caf::actor_system& system, request_call call);

} // namespace hublink
