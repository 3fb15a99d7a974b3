#include "node/topology/network_graph.hpp"

#include <algorithm>

namespace hublink {

network_graph::network_graph(const topology& net) {
  for (const auto& [name, node] : net.nodes)
    if (node.role == role::server) links_[name];
  for (const auto& [name, node] : net.nodes)
    for (const auto& [other, cost] : node.neighbours) {
      if (name == other || !cost || !net.is_server(name) || !net.is_server(other)) continue;
      links_[name].try_emplace(other, *cost);
      links_[other].try_emplace(name, *cost);
    }
}

/// Dijkstra's algorithm from the goal: links cost the same both ways.
const network_graph::courses& network_graph::courses_to(const std::string& goal) const {
  auto [entry, is_new] = known_.try_emplace(goal);
  auto& result = entry->second;
  if (!is_new || !links_.count(goal)) return result;
  std::set<std::pair<distance, std::string>> open{{distance{}, goal}};
  while (!open.empty()) {
    auto [so_far, name] = *open.begin();
    open.erase(open.begin());
    if (!result.try_emplace(name, course{so_far, {}}).second) continue;
    for (const auto& [other, cost] : links_.at(name))
      if (!result.count(other)) open.insert({{so_far.cost + cost, so_far.hops + 1}, other});
  }
  // The first name among the best, at every server alike: no two tables contradict each other.
  for (auto& [name, way] : result) {
    auto on_the_way = [&, &whole = way.whole](const auto& link) {
      const auto& rest = result.at(link.first).whole;
      return distance{rest.cost + link.second, rest.hops + 1} == whole;
    };
    const auto& links = links_.at(name);
    auto next = std::find_if(links.begin(), links.end(), on_the_way);
    if (name != goal) way.next = next->first;
  }
  return result;
}

std::optional<distance> network_graph::between(const std::string& from, const std::string& to) const {
  const auto& all = courses_to(to);
  auto found = all.find(from);
  if (found == all.end()) return {};
  return found->second.whole;
}

std::optional<std::string> network_graph::next_hop(const std::string& from, const std::string& to) const {
  const auto& all = courses_to(to);
  auto found = all.find(from);
  if (found == all.end() || from == to) return {};
  return found->second.next;
}

std::map<std::string, int> network_graph::parts_without(const std::string& server) const {
  std::map<std::string, int> parts;
  int number = 0;
  for (const auto& [first, links] : links_) {
    if (first == server || parts.count(first)) continue;
    std::vector<std::string> open{first};
    parts[first] = ++number;
    while (!open.empty()) {
      auto name = std::move(open.back());
      open.pop_back();
      for (const auto& [other, cost] : links_.at(name))
        if (other != server && parts.try_emplace(other, number).second) open.push_back(other);
    }
  }
  return parts;
}

std::map<std::string, std::vector<std::string>> network_graph::other_hops(const std::string& from,
                                                                          std::size_t most) const {
  struct candidate {
    bool may_come_back = false;
    distance whole;
    std::string name;
    auto operator<=>(const candidate&) const = default;
  };
  std::map<std::string, std::vector<std::string>> found;
  const auto& next_to_us = links_.at(from);
  if (next_to_us.size() < 2) return found;
  const auto parts = parts_without(from);
  const auto& back = courses_to(from);
  for (const auto& [goal, part] : parts) {
    const auto& towards = courses_to(goal);
    auto own = towards.find(from);
    if (own == towards.end()) continue;
    std::vector<candidate> candidates;
    for (const auto& [name, cost] : next_to_us) {
      if (name == own->second.next || parts.at(name) != part) continue;
      const auto& rest = towards.at(name).whole;
      const auto& here = back.at(name).whole;
      const distance over_us{here.cost + own->second.whole.cost, here.hops + own->second.whole.hops};
      candidates.push_back({!(rest < over_us), {rest.cost + cost, rest.hops + 1}, name});
    }
    std::sort(candidates.begin(), candidates.end());
    if (candidates.size() > most) candidates.resize(most);
    for (auto& each : candidates) found[goal].push_back(std::move(each.name));
  }
  return found;
}

std::vector<std::string> network_graph::path(const std::string& from, const std::string& to) const {
  if (!between(from, to)) return {};
  std::vector<std::string> servers{from};
  while (auto next = next_hop(servers.back(), to)) servers.push_back(*next);
  return servers;
}

std::set<network_graph::link> network_graph::links_of_path(const std::string& from,
                                                           const std::string& to) const {
  std::set<link> result;
  const auto servers = path(from, to);
  for (std::size_t i = 1; i < servers.size(); ++i) result.insert(std::minmax(servers[i - 1], servers[i]));
  return result;
}

} // namespace hublink
