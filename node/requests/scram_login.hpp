#pragma once
/// The asking side of a login at a server, at a manager: docs/logins.md.
#include "actors/ports/login_dialogue.hpp"
#include "node/accounts/password_stretcher.hpp"

namespace hublink {

/// `stretcher` outlives what is made.
login_maker make_logins(std::string user, std::shared_ptr<const hublink::secret> secret,
                        password_stretcher& stretcher);

} // namespace hublink
