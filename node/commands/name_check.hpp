#pragma once
/// The DNS names of a topology, asked of this machine's resolver.
#include "node/topology/topology.hpp"

namespace hublink {

/// Those that it does not know. No mistake of the topology: each node asks its own resolver, and another one
/// may know them. Waits some seconds at most.
problems find_unknown_names(const topology& net);

} // namespace hublink
