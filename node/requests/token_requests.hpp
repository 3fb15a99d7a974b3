#pragma once
/// Commands about the keys of programs; docs/reference/api.md, "Tokens".
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> token_verbs();

} // namespace hublink
