#pragma once
/// Groups of clients. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// A group's name among the receivers of a transfer, and of its paths, stands for its members.
void put_in_groups(topology& net, problems& found);

void check_groups(const topology& net, problems& found);

} // namespace hublink
