#pragma once
/// What a topology is worth, before anybody applies it: checked and planned at the node, for who has no
/// command line.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> topology_verbs();

} // namespace hublink
