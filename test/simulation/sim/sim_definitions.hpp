#pragma once
/// How a simulated node takes, hands on and, as a manager, applies definitions: with the parts of node/, in a
/// directory of its own on the real disk.
#include "actors/node/node_actors.hpp"
#include "node/definition/definition_services.hpp"
#include "simulation/network/world.hpp"

namespace hublink::sim {

class sim_definitions {
 public:
  /// Makes `data`; what an earlier life stored there is in force at once.
  sim_definitions(world& in, live_definition self, event_log& events, const std::filesystem::path& data);

  /// From now on definitions of clients are handed on.
  void serve(const node_actors& actors);
  void stop();
  /// For a command that came from that node; none: its own operator's.
  control_services services(const std::string& from);

 private:
  world& in_;
  live_definition self_;
  std::filesystem::path data_;
  known_newest known_;
  definition_keeper keeper_;
  revocations lists_;
  std::unique_ptr<applied_network> applied_;
  definition_services services_;
  std::optional<definition_push_actor> push_;
  std::optional<node_actors> actors_;
};

} // namespace hublink::sim
