#pragma once
/// A chain of servers with gateways between some of them, for scenarios with one fault each.
#include "simulation/network/invariants.hpp"
#include "simulation/network/topologies.hpp"

#include <set>

namespace hublink::sim {

class gateway_lab {
 public:
  explicit gateway_lab(hub_graph of, std::uint64_t seed = 1)
      : graph(std::move(of)), on(seed, to_topology(graph)), in(on.in) {}

  sim_gateways& gateways(int server) { return on.at(name(server)).gateways(); }
  static std::string name(int server) { return "S" + std::to_string(server); }
  /// One link, and both ends know it.
  bool linked(int a, int b) {
    return on.at(name(a)).running() && on.at(name(b)).running() && gateways(a).links_to(name(b)) == 1 &&
           gateways(b).links_to(name(a)) == 1;
  }
  bool unlinked(int a, int b) {
    return gateways(a).links_to(name(b)) == 0 && gateways(b).links_to(name(a)) == 0;
  }
  bool becomes_linked(int a, int b, duration within) {
    return in.run_until([=, this] { return linked(a, b); }, within);
  }
  int dials(int server) { return gateway_dials(on, name(server)); }
  /// When each of them began.
  std::vector<duration> dial_times(int server) const {
    std::vector<duration> times;
    std::set<transfer_id> seen;
    for (const auto& entry : on.events.all())
      if (entry.node == name(server) && seen.insert(entry.transfer).second) times.push_back(entry.time);
    return times;
  }
  const app_connection& connection(std::uint64_t number) const { return on.applications.at(number); }
  bool no_application_left(duration within) {
    return in.run_until([this] { return on.applications.under_way() == 0; }, within);
  }
  std::vector<std::string> account() { return final_account(on, {}, {}); }

  hub_graph graph;
  universe on;
  world& in;
};

/// S1 to Sn in a chain, and a gateway `DB` from S1 to Sn.
inline hub_graph with_gateway(int servers, bool always, bool both_ways = false) {
  auto graph = chain(servers);
  graph.gateways.push_back({"DB", 1, servers, always});
  if (both_ways) graph.gateways.push_back({"BACK", servers, 1, always});
  return graph;
}

} // namespace hublink::sim
