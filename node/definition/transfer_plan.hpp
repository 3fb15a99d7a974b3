#pragma once
/// One transfer's way through a network, by its topology. Pure.
#include "node/topology/compiler.hpp"
#include "node/topology/walk.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace hublink {

struct transfer_plan {
  std::string file;
  topology_transfer transfer;
  std::string point;     ///< of an auto broadcast
  std::string point_why; ///< and how it was chosen
  walk_result way;
  std::vector<std::string> ask_system; ///< servers on the way with `"resolver": "system"`
};

/// Fails with `unknown_file`. Where a server leaves names to the system, the topology's addresses stand for
/// its answers. Only the nodes on the way are compiled, and for that transfer alone.
outcome<transfer_plan> plan_transfer(topology net, const std::string& file);

/// Shapes: docs/reference/json.md, "plan".
nlohmann::ordered_json json_of(const transfer_plan& plan);
nlohmann::ordered_json json_of_plan(const topology& net);

} // namespace hublink
