#pragma once
/// What servers lack, at a manager whose user has just logged in.
#include "node/control/control_services.hpp"

namespace hublink {

/// By that user's sessions: of what was applied last, or of the list of revoked certificates. Nobody waits for
/// it; failures are logged.
void bring_up_to_date(caf::actor_system& system, const control_services& services, const std::string& user);

} // namespace hublink
