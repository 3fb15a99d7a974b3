#pragma once
/// What the fields of a topology mean for each other. Pure.
#include "node/topology/topology.hpp"

namespace hublink {

/// Everything that keeps these nodes from working together, in one go. What was left empty by the parser is
/// passed over.
std::vector<problem> check_topology(const topology& net);

/// Parser and check in one.
parsed_topology parse_and_check(std::string_view text);
/// `1 problem`, `3 problems`.
std::string count_of(const std::vector<problem>& found);

/// The parts of `check_topology`.
void check_nodes(const topology& net, std::vector<problem>& found);
void check_reachable(const topology& net, std::vector<problem>& found);
void check_transfers(const topology& net, std::vector<problem>& found);
void check_groups(const topology& net, std::vector<problem>& found);
void check_gateways(const topology& net, std::vector<problem>& found);

/// Notes it unless `name` is a server of the network; nothing to say of an empty one.
void require_server(const topology& net, const std::string& name, const std::string& path,
                    std::vector<problem>& found);
/// The same of a client.
void require_client(const topology& net, const std::string& name, const std::string& path,
                    std::vector<problem>& found);

} // namespace hublink
