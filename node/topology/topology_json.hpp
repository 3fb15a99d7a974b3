#pragma once
/// The pieces of the topology parser, and of that of definitions. Included by their sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

inline constexpr int most_cost = 1'000'000; ///< of a link, and of a route's priority

/// The text as JSON; what is no JSON or says a key twice is noted with its place. Discarded if there is
/// nothing to read.
nlohmann::json read_json(std::string_view text, problems& found);

/// An address that others can dial.
std::optional<endpoint> read_endpoint(json_fields& fields, const std::string& key);
std::optional<ip_network> read_network(json_fields& fields, const std::string& key);
/// Calls for every object in a list.
void each_entry(json_fields& fields, const std::string& key, problems& found,
                const std::function<void(json_fields&)>& call);
/// The object `limits` in there, if there is one.
void read_limits(json_fields& fields, node_limits& into);
/// `"path"`: of a file at a client.
std::optional<std::string> read_path(json_fields& fields);
std::vector<ip_network> read_managers_from(json_fields& fields);
void read_proxy(json_fields& proxy, proxy_definition& into);

topology_node read_node(const nlohmann::json& value, const std::string& path, problems& found);
topology_transfer read_transfer(const nlohmann::json& value, const std::string& path, problems& found);
/// A group's name among the receivers stands for its members.
void put_in_groups(topology& net, problems& found);
topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found);

} // namespace hublink
