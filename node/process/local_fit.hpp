#pragma once
/// What `local.json` says that does not fit the definition in force. It keeps no node from starting: the file
/// is its operator's, the definition is head office's. Pure.
#include "actors/definition/jobs.hpp"
#include "node/topology/topology.hpp"

#include <string>
#include <vector>

namespace hublink {

/// A line each: where, what, what to do.
std::vector<std::string> misfits(const job_table& jobs, const definition& self);

} // namespace hublink
