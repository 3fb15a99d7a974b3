#pragma once
/// Every command's way to who works on it: by its verb's row at this node, or at others.
#include "node/control/control_services.hpp"
#include "protocol/base/secret.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// A command that was read already, and its password, which is no part of the request. End its actor earlier
/// by an exit message; what it began in the node goes on.
control_actor serve_request(caf::actor_system& system, control_services services,
                            nlohmann::ordered_json request, control_reply reply,
                            std::shared_ptr<const hublink::secret> secret = {});

/// The same, done by this node itself, also where the verb's scope is others. There is such a verb.
control_actor serve_here(caf::actor_system& system, control_services services, nlohmann::ordered_json request,
                         control_reply reply);

/// A line of JSON, as it came at the control socket. What it changes at a server goes to the audit trail.
control_actor serve_line(caf::actor_system& system, control_services services, std::string line,
                         control_reply reply);

} // namespace hublink
