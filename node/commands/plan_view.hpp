#pragma once
/// What `plan` shows, as text and as JSON (shapes: docs/json.md, "plan").
#include "node/definition/definition_json.hpp"
#include "node/topology/compiler.hpp"
#include "node/topology/walk.hpp"

#include <iosfwd>
#include <string>

namespace hublink {

/// One transfer's way through the network.
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

void print_plan(std::ostream& out, const definition& self);
void print_plan(std::ostream& out, const transfer_plan& plan);
nlohmann::ordered_json json_of(const transfer_plan& plan);

} // namespace hublink
