#pragma once
/// What a topology makes of each node's definition, in bytes: looked at before anybody is told of it.
#include "node/topology/topology.hpp"
#include "node/trust/recipient_certificates.hpp"

namespace hublink {

/// Nodes whose definition is longer than one may be that goes from node to node. Of a topology without other
/// problems; `certificates`: what goes with it, as far as that is known here. Only what may be too long is
/// compiled. `manager`: the one that applies it, whose own goes nowhere; empty: every manager's.
problems find_long_definitions(const topology& net, const certificate_map& certificates = {},
                               const std::string& manager = {});
/// Those that have more than 80 % of what is allowed, and are not too long.
problems find_nearly_long_definitions(const topology& net);

} // namespace hublink
