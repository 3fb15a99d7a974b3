#pragma once
/// Commands about a node as a whole.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> node_verbs();

} // namespace hublink
