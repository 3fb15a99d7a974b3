#pragma once
/// Where the nodes of a topology listen, and that none takes another's place. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// At its address, unless it says otherwise; of a name that says nothing.
endpoints listens_of(const topology_node& node);

/// Whoever listens at `one` has `other`, too: the same, or all addresses of that family.
bool covers(const endpoint& one, const endpoint& other);

/// Each node listens where others can reach it, and where nobody else does.
void check_listens(const topology& net, problems& found);

} // namespace hublink
