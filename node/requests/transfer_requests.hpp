#pragma once
/// Commands about transfers of this node.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> transfer_verbs();

} // namespace hublink
