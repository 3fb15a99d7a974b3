#pragma once
/// Ways that are longer than a circuit may be.
#include "node/topology/topology.hpp"

namespace hublink {

/// Notes pairs of nodes with more servers between them than an `open` passes, by the shortest way: of
/// transfers, of gateways, of managers and servers.
void check_hops(const topology& net, problems& found);

} // namespace hublink
