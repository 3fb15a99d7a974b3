#include "node/topology/broadcast_point.hpp"

#include <algorithm>
#include <tuple>

namespace hublink {

namespace {

/// Cost of the distinct links of the ways from `point` to every home server; nothing if one can't be reached.
std::optional<std::int64_t> cost_behind(const network_graph& graph, const std::string& point,
                                        const std::vector<std::string>& homes) {
  std::set<network_graph::link> links;
  for (const auto& home : homes) {
    if (!graph.between(point, home)) return {};
    links.merge(graph.links_of_path(point, home));
  }
  std::int64_t cost = 0;
  for (const auto& each : links) cost += graph.cost_of(each);
  return cost;
}

auto rank(const broadcast_candidate& each) {
  return std::tuple{each.cost, -each.receivers, each.sender_home, each.server};
}

std::string tie_break(const broadcast_candidate& first, const broadcast_candidate& second) {
  if (first.cost != second.cost) return "least cost";
  if (first.receivers != second.receivers) return "of equal cost, but with more receivers registered there";
  if (first.sender_home != second.sender_home) return "of equal cost, but not the sender's home server";
  return "of equal cost, first by name";
}

} // namespace

std::string broadcast_choice::why() const {
  const auto& best = candidates.front();
  std::string line = best.server + " (cost " + std::to_string(best.cost) + ")";
  if (candidates.size() == 1) return line + ": the only server";
  line += ": " + tie_break(best, candidates[1]) + "; others:";
  for (std::size_t i = 1; i < candidates.size(); ++i)
    line += (i == 1 ? " " : ", ") + candidates[i].server + " " + std::to_string(candidates[i].cost);
  return line;
}

std::optional<broadcast_choice> choose_broadcast_point(const topology& net, const network_graph& graph,
                                                       const topology_transfer& transfer) {
  auto* sender = net.find(transfer.from);
  bool has_point = transfer.to.size() > 1 || transfer.policy.store != store_policy::never;
  if (transfer.placement != placing::automatic || !has_point || !sender) return {};
  const auto entry = net.dialled_by(transfer.from, transfer.to);
  std::vector<std::string> homes;
  for (const auto& name : transfer.to) {
    auto* receiver = net.find(name);
    if (!receiver) return {};
    homes.push_back(receiver->home);
  }
  broadcast_choice choice;
  for (const auto& [server, links] : graph.links()) {
    auto before = graph.between(entry, server);
    auto behind = cost_behind(graph, server, homes);
    if (!before || !behind) continue;
    broadcast_candidate candidate;
    candidate.server = server;
    candidate.cost = before->cost + *behind;
    candidate.receivers = static_cast<int>(std::count(homes.begin(), homes.end(), server));
    candidate.sender_home = server == entry;
    choice.candidates.push_back(std::move(candidate));
  }
  if (choice.candidates.empty()) return {};
  std::sort(choice.candidates.begin(), choice.candidates.end(),
            [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return choice;
}

} // namespace hublink
