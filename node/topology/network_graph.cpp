#include "node/topology/network_graph.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace hublink {

network_graph::network_graph(const topology& net) {
  for (const auto& [name, node] : net.nodes)
    if (node.role == role::server) links_[name];
  for (bool says_cost : {true, false})
    for (const auto& [name, node] : net.nodes)
      for (const auto& [other, row] : node.neighbours) {
        if (name == other || row.cost.has_value() != says_cost) continue;
        if (!net.is_server(name) || !net.is_server(other)) continue;
        links_[name].try_emplace(other, row.cost.value_or(1));
        links_[other].try_emplace(name, row.cost.value_or(1));
      }
  for (const auto& [name, links] : links_) names_.push_back(name);
  for (const auto& [name, links] : links_) {
    auto& of_it = links_of_.emplace_back();
    for (const auto& [other, cost] : links) of_it.emplace_back(*place_of(other), cost);
  }
  known_.resize(names_.size());
}

std::optional<network_graph::server> network_graph::place_of(const std::string& name) const {
  auto found = std::lower_bound(names_.begin(), names_.end(), name);
  if (found == names_.end() || *found != name) return {};
  return server(found - names_.begin());
}

/// Dijkstra's algorithm from the goal: links cost the same both ways.
const network_graph::courses& network_graph::courses_to(server goal) const {
  auto& result = known_[goal];
  if (!result.empty()) return result;
  result.resize(names_.size());
  using step = std::pair<distance, server>;
  std::priority_queue<step, std::vector<step>, std::greater<>> open;
  open.push({distance{}, goal});
  while (!open.empty()) {
    auto [so_far, here] = open.top();
    open.pop();
    if (std::exchange(result[here].is_known, true)) continue;
    result[here].whole = so_far;
    for (const auto& [other, cost] : links_of_[here])
      if (!result[other].is_known) open.push({{so_far.cost + cost, so_far.hops + 1}, other});
  }
  // The first name among the best, at every server alike: no two tables contradict each other.
  for (server here = 0; here < names_.size(); ++here) {
    auto& way = result[here];
    if (!way.is_known || here == goal) continue;
    auto on_the_way = [&](const auto& link) {
      const auto& rest = result[link.first].whole;
      return distance{rest.cost + link.second, rest.hops + 1} == way.whole;
    };
    way.next = std::find_if(links_of_[here].begin(), links_of_[here].end(), on_the_way)->first;
  }
  return result;
}

std::optional<distance> network_graph::between(const std::string& from, const std::string& to) const {
  auto start = place_of(from), goal = place_of(to);
  if (!start || !goal) return {};
  const auto& way = courses_to(*goal)[*start];
  return way.is_known ? std::optional{way.whole} : std::nullopt;
}

std::optional<std::string> network_graph::next_hop(const std::string& from, const std::string& to) const {
  auto start = place_of(from), goal = place_of(to);
  if (!start || !goal) return {};
  const auto& way = courses_to(*goal)[*start];
  return way.next == none ? std::nullopt : std::optional{names_[way.next]};
}

std::vector<int> network_graph::parts_without(server left_out) const {
  std::vector<int> parts(names_.size());
  int number = 0;
  for (server first = 0; first < names_.size(); ++first) {
    if (first == left_out || parts[first]) continue;
    std::vector<server> open{first};
    parts[first] = ++number;
    while (!open.empty()) {
      auto here = open.back();
      open.pop_back();
      for (const auto& [other, cost] : links_of_[here]) {
        if (other == left_out || parts[other]) continue;
        parts[other] = number;
        open.push_back(other);
      }
    }
  }
  return parts;
}

std::map<std::string, std::vector<std::string>> network_graph::other_hops(const std::string& from,
                                                                          std::size_t most) const {
  struct candidate {
    bool may_come_back = false;
    distance whole;
    server place = none;
    auto operator<=>(const candidate&) const = default;
  };
  std::map<std::string, std::vector<std::string>> found;
  auto start = place_of(from);
  if (!start || links_of_[*start].size() < 2) return found;
  const auto parts = parts_without(*start);
  const auto& back = courses_to(*start);
  for (server goal = 0; goal < names_.size(); ++goal) {
    if (goal == *start) continue;
    const auto& towards = courses_to(goal);
    const auto& own = towards[*start];
    if (!own.is_known) continue;
    std::vector<candidate> candidates;
    for (const auto& [place, cost] : links_of_[*start]) {
      if (place == own.next || parts[place] != parts[goal]) continue;
      const auto& rest = towards[place].whole;
      const auto& here = back[place].whole;
      const distance over_us{here.cost + own.whole.cost, here.hops + own.whole.hops};
      candidates.push_back({!(rest < over_us), {rest.cost + cost, rest.hops + 1}, place});
    }
    std::sort(candidates.begin(), candidates.end());
    if (candidates.size() > most) candidates.resize(most);
    for (const auto& each : candidates) found[names_[goal]].push_back(names_[each.place]);
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
