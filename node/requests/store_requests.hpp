#pragma once
/// Commands about what a server keeps for receivers that can't be had.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> store_verbs();

} // namespace hublink
