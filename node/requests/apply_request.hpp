#pragma once
/// `hublink apply` at a manager: signs every node's definition and brings it there over the sessions; servers
/// hand those of their clients on.
#include "node/requests/local_request.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

control_actor spawn_apply_request(caf::actor_system& system, control_services services,
                                  const nlohmann::ordered_json& request, control_reply reply);

/// After a login: what the servers lack of what was applied last. Nobody waits for it; failures are logged.
void bring_up_to_date(caf::actor_system& system, const control_services& services);

} // namespace hublink
