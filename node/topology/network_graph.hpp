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
  /// Where the first hop fails: for each server that can be reached over further neighbours of `from`, those,
  /// `most` at most. First those whose own way does not come back here (RFC 5286, inequality 1), then those
  /// from where a way without this server exists; by distance, then by name.
  std::map<std::string, std::vector<std::string>> other_hops(const std::string& from, std::size_t most) const;
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
  /// The parts that the network falls into without that server: a number each.
  std::map<std::string, int> parts_without(const std::string& server) const;

  std::map<std::string, std::map<std::string, int>> links_;
  mutable std::map<std::string, courses> known_; ///< filled as asked for
};

} // namespace hublink
