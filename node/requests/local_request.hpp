#pragma once
/// One command given to a running node: a JSON object in, JSON objects out; docs/json.md, "Control socket".
#include "node/control/control_services.hpp"

#include <string>

namespace hublink {

/// Does what the line `request` says and ends. End it earlier by an exit message; what it began in the node
/// goes on.
control_actor spawn_control_request(caf::actor_system& system, control_services services, std::string request,
                                    control_reply reply);

} // namespace hublink
