#pragma once
/// A gateway of the topology file. Included by sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

/// `path`: where `value` stands. Empty if it is no object, which has been noted by then.
topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found);

} // namespace hublink
