#include "node/topology/node_check.hpp"
#include "node/topology/listen_check.hpp"
#include "node/topology/network_graph.hpp"
#include "node/topology/role_check.hpp"

#include <algorithm>

namespace hublink {

namespace {

/// By server, in the order of the nodes: there are few, even where there are many clients.
using segments = std::vector<std::pair<std::string, ip_network>>;

segments segments_of(const topology& net) {
  segments all;
  for (const auto& [name, node] : net.nodes)
    for (const auto& segment : node.segments) all.emplace_back(name, segment);
  return all;
}

void check_segments(const segments& all, problems& found) {
  for (auto segment = all.begin(); segment != all.end(); ++segment)
    for (auto other = all.begin(); other != segment; ++other) {
      const auto &mine = segment->second, &theirs = other->second;
      if (!mine.contains(theirs.base) && !theirs.contains(mine.base)) continue;
      const auto whose = other->first == segment->first ? "its own" : other->first + "'s";
      found.push_back({"nodes." + segment->first + ".segment", to_string(mine) + " overlaps " + whose +
                                                                   " segment " + to_string(theirs) +
                                                                   "; make them disjoint"});
    }
}

/// A server refuses whoever is in its segment and not registered with it.
void check_home(const topology& net, const segments& all, const std::string& name, const topology_node& node,
                problems& found) {
  const auto path = "nodes." + name;
  require_server(net, node.home, path + ".home", found);
  const auto address = node.address ? node.address->known_address() : std::nullopt;
  if (!address || !net.is_server(node.home)) return;
  if (contains(net.find(node.home)->segments, *address)) return;
  for (const auto& [server, segment] : all)
    if (server != node.home && segment.contains(*address))
      found.push_back({path + ".address", to_string(*address) + " is in the segment of " + server +
                                              ", but its home is " + node.home + "; make " + server +
                                              " its home or give it another address"});
}

void check_neighbours(const topology& net, const std::string& name, const topology_node& node,
                      problems& found) {
  for (const auto& entry : node.neighbours) {
    const auto& other = entry.first;
    const auto path = "nodes." + name + ".neighbours." + other;
    require_server(net, other, path, found);
    if (other == name) found.push_back({path, "a server is no neighbour of itself; remove it"});
    auto* there = net.find(other);
    if (!there || name <= other) continue;
    auto back = there->neighbours.find(name);
    if (back == there->neighbours.end()) continue;
    auto compare = [&](const std::string& what, const std::string& mine, const std::string& theirs) {
      if (!mine.empty() && !theirs.empty() && mine != theirs)
        found.push_back({path, what + " " + mine + " contradicts nodes." + other + ".neighbours." + name +
                                   " (" + theirs + "); write it once or the same twice"});
    };
    auto cost_text = [](const topology_neighbour& of) { return of.cost ? std::to_string(*of.cost) : ""; };
    compare("cost", cost_text(entry.second), cost_text(back->second));
    compare("congestion", entry.second.congestion.value_or(""), back->second.congestion.value_or(""));
  }
}

/// Whom a client dials for transfers with single hosts must take it.
void check_proxies(const topology& net, const std::string& name, const topology_node& node, problems& found) {
  for (const auto& [host, server] : node.proxies) {
    const auto path = "nodes." + name + ".proxies." + host;
    require_client(net, host, path, found);
    if (host == name) found.push_back({path, "a client has no transfers with itself; remove it"});
    require_server(net, server, path, found);
    auto* there = net.find(server);
    const bool takes = !there || server == node.home || !there->guests || contains(*there->guests, name);
    if (!takes)
      found.push_back({path, server + " does not take " + name + ": its \"guests\" don't name it; add " +
                                 name + " there, or name a server that takes it"});
  }
  if (!node.guests) return;
  for (std::size_t i = 0; i < node.guests->size(); ++i)
    require_client(net, (*node.guests)[i], "nodes." + name + ".guests[" + std::to_string(i) + "]", found);
}

void check_tables(const topology& net, const std::string& name, const topology_node& node, problems& found) {
  const auto path = "nodes." + name;
  for (std::size_t i = 0; i < node.routes.size(); ++i) {
    const auto via_path = path + ".routes[" + std::to_string(i) + "].via";
    require_server(net, node.routes[i].via, via_path, found);
    if (node.routes[i].via == name)
      found.push_back({via_path, "the route leads to its own server; name another one"});
  }
  if (node.default_route) {
    require_server(net, *node.default_route, path + ".default_route", found);
    if (*node.default_route == name)
      found.push_back({path + ".default_route", "leads to its own server; name another one"});
  }
  for (const auto& [host, address] : node.hosts)
    if (!net.find(host))
      found.push_back({path + ".hosts." + host, "there is no node " + host + "; correct the name"});
}

/// Whom a server lets have sessions it judges by an address, without asking anybody.
void check_managers(const topology& net, const std::string& name, const topology_node& node,
                    problems& found) {
  if (node.managers_from.empty()) return;
  for (const auto& [manager, there] : net.nodes) {
    if (there.role != role::manager || !there.address) continue;
    auto own = node.hosts.find(manager);
    const auto& known = own != node.hosts.end() && own->second ? *own->second : *there.address;
    if (known.is_name())
      found.push_back({"nodes." + name + ".managers_from", "the address of " + manager + " is a name (" +
                                                               known.name +
                                                               "); write its IP address here: "
                                                               "\"hosts\": {\"" +
                                                               manager + "\": \"...\"}"});
  }
}

} // namespace

void check_nodes(const topology& net, problems& found) {
  check_listens(net, found);
  const auto segments = segments_of(net);
  check_segments(segments, found);
  for (const auto& [name, node] : net.nodes) {
    if (node.role && node.role != role::server) check_home(net, segments, name, node, found);
    check_neighbours(net, name, node, found);
    check_proxies(net, name, node, found);
    check_tables(net, name, node, found);
    check_managers(net, name, node, found);
  }
}

void check_reachable(const topology& net, problems& found) {
  const network_graph graph{net};
  const auto& servers = graph.links();
  if (servers.empty()) {
    const bool unreadable =
        std::any_of(net.nodes.begin(), net.nodes.end(), [](const auto& row) { return !row.second.role; });
    if (!unreadable) found.push_back({"nodes", "there is no server; add one with \"role\": \"server\""});
    return;
  }
  const auto& first = servers.begin()->first;
  for (const auto& [name, links] : servers)
    if (!graph.between(name, first)) // one search for all
      found.push_back({"nodes." + name, "no way leads here from " + first +
                                            "; name a neighbour on the way: \"neighbours\": {\"" + first +
                                            "\": 1}"});
}

} // namespace hublink
