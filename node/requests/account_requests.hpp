#pragma once
/// Commands about the accounts of a server; docs/reference/json.md, "users, audit".
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> account_verbs();

} // namespace hublink
