#pragma once
/// What a topology's transfers mean for its nodes and for each other. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Receivers, placement and paths.
void check_transfers(const topology& net, problems& found);

} // namespace hublink
