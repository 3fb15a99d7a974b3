#pragma once
/// The asking side of a login at a server, at a manager: docs/protocol/logins.md.
#include "actors/ports/login_dialogue.hpp"
#include "node/accounts/password_stretcher.hpp"
#include "node/control/control_services.hpp"

namespace hublink {

/// `stretcher` outlives what is made. `told`: hears what each server allows the user; may be empty.
login_maker make_logins(std::string user, std::shared_ptr<const hublink::secret> secret,
                        password_stretcher& stretcher, login_told told = {});

} // namespace hublink
