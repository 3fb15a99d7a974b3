#pragma once
/// Where one stream becomes many, if the topology leaves that open.
#include "node/topology/network_graph.hpp"

namespace hublink {

struct broadcast_candidate {
  std::string server;
  /// To the server, and of the distinct links from there to the receivers' home servers.
  std::int64_t cost = 0;
  int receivers = 0; ///< registered there
  bool sender_home = false;
};

/// Least cost; ties: more receivers registered there, then not the sender's home server, then name.
struct broadcast_choice {
  std::vector<broadcast_candidate> candidates; ///< best first, every server

  const std::string& point() const { return candidates.front().server; }
  /// One line: the winner's cost, the others', and what broke a tie.
  std::string why() const;
};

/// Nothing unless an auto transfer goes to several receivers that can all be reached.
std::optional<broadcast_choice> choose_broadcast_point(const topology& net, const network_graph& graph,
                                                       const topology_transfer& transfer);

} // namespace hublink
