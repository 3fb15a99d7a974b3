#pragma once
/// A node of the topology file. Included by sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

/// `path`: where `value` stands; `by_system`: what the file says of all nodes' resolver. Empty if it is no
/// object, which has been noted by then.
topology_node read_node(const nlohmann::json& value, const std::string& path, bool by_system,
                        problems& found);

} // namespace hublink
