#pragma once
/// What a topology's gateways and proxies mean for its nodes and for each other. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Servers that exist, and listeners that do not share an address.
void check_gateways(const topology& net, problems& found);

} // namespace hublink
