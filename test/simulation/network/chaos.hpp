#pragma once
/// The big test: many transfers over many servers while lines break and nodes crash, all as the seed says.
#include "simulation/network/invariants.hpp"
#include "simulation/network/topologies.hpp"

#include <map>

namespace hublink::sim {

struct chaos_result {
  std::vector<std::string> violations; ///< empty: all is well
  std::map<std::string, int> outcomes; ///< how many transfers ended so
  std::uint64_t trace_hash = 0;
  std::vector<std::string> trace; ///< if kept
};

/// 20 transfers over 9 servers.
chaos_result run_chaos(std::uint64_t seed, bool keep_trace = false);

} // namespace hublink::sim
