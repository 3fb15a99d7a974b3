#pragma once
/// What the nodes of a topology mean for each other. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Addresses, segments, homes, neighbours, routes, hosts.
void check_nodes(const topology& net, problems& found);
/// There is a way between any two servers.
void check_reachable(const topology& net, problems& found);

} // namespace hublink
