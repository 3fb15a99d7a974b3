#pragma once
/// Fields that the topology file and a node's definition have alike, with the same bounds. Included by
/// sources only.
#include "node/topology/json_fields.hpp"

namespace hublink {

inline constexpr int most_cost = 1'000'000; ///< of a link, and of a route's priority

/// An address that others can dial.
std::optional<endpoint> read_endpoint(json_fields& fields, const std::string& key);
/// The same, or a DNS name that leads to one.
std::optional<dial_address> read_dial_address(json_fields& fields, const std::string& key);
/// A row of `hosts`: an address or a DNS name; a port beside it counts in place of the node's own.
std::optional<dial_address> read_host(json_fields& fields, const std::string& key);
/// `listen` of a node: `0.0.0.0` and `::` mean all addresses.
endpoints read_listens(json_fields& fields);
std::vector<ip_address> read_bind(json_fields& fields);
std::optional<ip_network> read_network(json_fields& fields, const std::string& key);
/// One, or a list of them.
std::vector<ip_network> read_networks(json_fields& fields, const std::string& key);
/// Calls for every object in a list.
void each_entry(json_fields& fields, const std::string& key, problems& found,
                const std::function<void(json_fields&)>& call);
/// `"congestion"`: of a line.
std::optional<std::string> read_congestion(json_fields& fields);
/// The object `limits` in there, if there is one.
void read_limits(json_fields& fields, node_limits& into);
/// `"path"`: of a file at a client.
std::optional<std::string> read_path(json_fields& fields);
std::vector<ip_network> read_managers_from(json_fields& fields);
void read_proxy(json_fields& proxy, proxy_definition& into);

} // namespace hublink
