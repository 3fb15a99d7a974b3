#pragma once
/// The definition compiler: what each single node has to know, from the whole topology. Pure.
#include "node/network_graph.hpp"

namespace hublink {

/// The definition of one node of a topology that has no problems. An unknown name gives an empty definition.
definition compile(const topology& net, const network_graph& graph, const std::string& node);
definition compile(const topology& net, const std::string& node);

/// Every node's, by name.
std::map<std::string, definition> compile_all(const topology& net);

/// The servers that name the way of a transfer, in order: `via` and broadcast point, without the sender's
/// home server. Empty: the home server goes on to the receivers itself.
std::vector<std::string> named_servers(const topology& net, const network_graph& graph,
                                       const topology_transfer& transfer);

} // namespace hublink
