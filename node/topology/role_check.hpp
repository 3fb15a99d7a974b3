#pragma once
/// Does a name in the topology name whom it has to? Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Notes it unless `name` is a server of the network; nothing to say of an empty one.
void require_server(const topology& net, const std::string& name, const std::string& path, problems& found);
/// The same of a client.
void require_client(const topology& net, const std::string& name, const std::string& path, problems& found);

} // namespace hublink
