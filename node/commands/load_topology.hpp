#pragma once
/// Reading a topology file for a command.
#include "node/topology/topology.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

/// The file's text; `bad_config` says why it can't be read.
outcome<std::string> read_topology_file(const std::string& path);

/// Parsed and checked. Every problem is printed to stderr, one a line; the failure then counts them.
outcome<topology> load_topology(const std::string& path);

} // namespace hublink
