#pragma once
/// The servers and their links as a weighted graph: least cost, then fewer hops, then the names of the
/// servers passed, in order.
#include "node/topology/topology.hpp"

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

/// Cost first, then hops.
struct distance {
  std::int64_t cost = 0;
  int hops = 0;
  auto operator<=>(const distance&) const = default;
};

class network_graph {
 public:
  using link = std::pair<std::string, std::string>; ///< names in order

  /// Links between known servers only; where the two sides contradict each other the first name's cost
  /// counts.
  explicit network_graph(const topology& net);

  const std::map<std::string, std::map<std::string, int>>& links() const { return links_; }
  std::optional<distance> between(const std::string& from, const std::string& to) const;
  /// The neighbour of `from` to go by; nothing if there is no way or no distance.
  std::optional<std::string> next_hop(const std::string& from, const std::string& to) const;
  /// Both ends included; empty if there is no way.
  std::vector<std::string> path(const std::string& from, const std::string& to) const;
  /// The links of the shortest way.
  std::set<link> links_of_path(const std::string& from, const std::string& to) const;
  int cost_of(const link& each) const { return links_.at(each.first).at(each.second); }

 private:
  /// From one server towards a goal.
  struct course {
    distance whole;
    std::string next; ///< empty at the goal itself
  };
  using courses = std::map<std::string, course>;
  const courses& courses_to(const std::string& goal) const;

  std::map<std::string, std::map<std::string, int>> links_;
  mutable std::map<std::string, courses> known_; ///< filled as asked for
};

} // namespace hublink
