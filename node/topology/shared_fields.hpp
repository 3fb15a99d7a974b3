#pragma once
/// Fields that the topology file and a node's definition have alike, with the same bounds. Included by
/// sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

inline constexpr int most_cost = 1'000'000; ///< of a link, and of a route's priority

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

} // namespace hublink
