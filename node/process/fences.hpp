#pragma once
/// What a node and its jobs are kept from, by what its operator said.
#include "node/files/file_roots.hpp"
#include "node/process/node_process.hpp"

#include <string>
#include <vector>

namespace hublink {

/// The places that definitions may name; the process gives up what it needs for no others. Before there are
/// threads.
file_roots_ptr held_to_roots(const node_options& options);

/// Paths that no job sees: the key folder; the key alone where the node's directory is in there.
std::vector<std::string> hidden_from_jobs(const node_options& options);

} // namespace hublink
