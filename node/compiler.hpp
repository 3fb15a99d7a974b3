#pragma once
/// The definition compiler: what each single node has to know, from the whole topology. Pure.
#include "node/network_graph.hpp"

namespace hublink {

/// The definition of one node of a topology that has no problems. An unknown name gives an empty definition.
definition compile(const topology& net, const std::string& node);

/// Every node's, by name.
std::map<std::string, definition> compile_all(const topology& net);

} // namespace hublink
