#pragma once
/// Commands about a manager's sessions with the servers.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> session_verbs();

} // namespace hublink
