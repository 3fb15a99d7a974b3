#pragma once
/// A gateway as the topology file writes it, and as a node's definition does: fields, types, ranges, and what
/// goes with what protocol. Included by sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

/// A row of the topology's `gateways`.
topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found);
/// What both of them say; the rest of the row is the caller's.
topology_gateway read_gateway_fields(json_fields& fields);

/// As the two servers know it. Addresses of a row without problems are there.
gateway_definition gateway_of(const std::string& name, const topology_gateway& gateway);

} // namespace hublink
