#include "node/enclosure/ways_out.hpp"

#include <algorithm>

namespace hublink {

const std::vector<ip_network>& nearby_networks() {
  static const auto networks = [] {
    std::vector<ip_network> made;
    for (auto text : {"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::1/128", "fe80::/10", "ff00::/8"})
      made.push_back(*ip_network::parse(text));
    return made;
  }();
  return networks;
}

way_out ways_out::of(const endpoint& destination) const {
  for (const auto& rule : rules_)
    if (rule.where.network.contains(destination.address) && destination.port >= rule.where.first_port &&
        destination.port <= rule.where.last_port)
      return rule.direct ? way_out::direct : way_out::gateway;
  auto has = [&](const ip_network& network) { return network.contains(destination.address); };
  if (std::ranges::any_of(nearby_networks(), has)) return way_out::inside;
  return only_ ? way_out::none : way_out::gateway;
}

} // namespace hublink
