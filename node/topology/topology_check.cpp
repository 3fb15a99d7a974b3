#include "node/topology/topology_check.hpp"
#include "node/topology/gateway_check.hpp"
#include "node/topology/groups.hpp"
#include "node/topology/hop_check.hpp"
#include "node/topology/node_check.hpp"
#include "node/topology/transfer_check.hpp"

namespace hublink {

parsed_topology parse_and_check(std::string_view text) {
  auto parsed = parse_topology(text);
  if (parsed.value.nodes.empty() && !parsed.problems.empty()) return parsed; // no JSON: nothing to check
  auto more = check_topology(parsed.value);
  parsed.problems.insert(parsed.problems.end(), more.begin(), more.end());
  return parsed;
}

std::string count_of(const problems& found) {
  return std::to_string(found.size()) + (found.size() == 1 ? " problem" : " problems");
}

problems check_topology(const topology& net) {
  problems found;
  check_nodes(net, found);
  check_reachable(net, found);
  check_groups(net, found);
  check_transfers(net, found);
  check_gateways(net, found);
  check_hops(net, found);
  return found;
}

} // namespace hublink
