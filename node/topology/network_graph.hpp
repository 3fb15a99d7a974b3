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
  using server = std::uint32_t; ///< its place among all, in the order of names
  static constexpr server none = ~server{0};

  /// From one server towards a goal.
  struct course {
    distance whole;
    server next = none; ///< at the goal itself, too
    bool is_known = false;
  };
  using courses = std::vector<course>; ///< of each server
  const courses& courses_to(server goal) const;
  std::optional<server> place_of(const std::string& name) const;
  /// The parts that the network falls into without that server: a number each, from 1.
  std::vector<int> parts_without(server left_out) const;

  std::map<std::string, std::map<std::string, int>> links_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::pair<server, int>>> links_of_; ///< the same by place, with their costs
  mutable std::vector<courses> known_;                        ///< by goal; filled as asked for
};

} // namespace hublink
