#pragma once
/// Topologies for tests: the example network, changed by merge patches (RFC 7386), and chains of servers.
#include "node/topology/compiler.hpp"
#include "node/topology/topology_check.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace hublink::test {

/// The text of examples/three-hubs.json.
std::string example_text();
/// The example with `patch` merged in (`null` removes).
std::string example_with(const std::string& patch);
/// Parsed and checked; throws if it has problems.
topology network_of(const std::string& text);

/// S1 – S2 – … – Sn; HOST1 at S1, HOST2 at Sn, HOST3 at the middle one; FILE01 auto to HOST2, FILE02 by `via`
/// to HOST2.
std::string chain_text(int servers, const std::vector<std::string>& via);

/// `path: message` of each problem.
std::vector<std::string> problems_of(const std::string& text);

} // namespace hublink::test
