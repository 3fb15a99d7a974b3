#pragma once
/// Topology texts for the scenarios.
#include "simulation/network/world.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hublink::sim {

/// The example network of the scenario page: three servers, each next to each, HOST1 to HOST3 at home with
/// ServerA to ServerC, and FILE01 (auto) and FILE02 (manual, via ServerC) from HOST1 to HOST2.
std::string three_hubs();

/// Servers S1 to Sn with one client each, C1 to Cn, and the links between them (by number, cost 1).
struct hub_graph {
  int servers = 0;
  std::vector<std::pair<int, int>> links;
  struct file {
    std::string id;
    int from = 1, to = 2;
    std::string more;        ///< further members of the transfer, each with a comma before it
    std::vector<int> also{}; ///< further receivers
  };
  std::vector<file> files;
  struct gateway {
    std::string name;
    int calling = 1, called = 2;
    bool always = true; ///< else on use
  };
  std::vector<gateway> gateways; ///< if any: every server has the proxy function
  std::string proxy;             ///< further members of `proxy`, each with a comma before it
  int greedy =
      0; ///< the home of a client more, GREEDY, that sends GREED to the next server's; 0: there is none
};
std::string to_topology(const hub_graph& graph);

hub_graph chain(int servers);
hub_graph ring(int servers);
hub_graph grid(int wide, int high);
/// How many neighbours that server has.
int degree(const hub_graph& graph, int number);
/// Up to `most` servers whose loss leaves a connected network; never one of `needed`.
std::set<int> stoppable(world& in, const hub_graph& graph, std::size_t most, const std::set<int>& needed);
/// Connected, with some links more than a tree has.
hub_graph random_graph(world& in, int servers);

} // namespace hublink::sim
