#pragma once
/// The pieces of the topology parser. Included by its sources only.
#include "node/json_fields.hpp"

namespace hublink {

/// The text as JSON; what is no JSON or says a key twice is noted with its place. Discarded if there is
/// nothing to read.
nlohmann::json read_json(std::string_view text, problems& found);

topology_node read_node(const nlohmann::json& value, const std::string& path, problems& found);
topology_transfer read_transfer(const nlohmann::json& value, const std::string& path, problems& found);
/// A group's name among the receivers stands for its members.
void put_in_groups(topology& net, problems& found);
topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found);

} // namespace hublink
