#include "networks.hpp"
#include "node/topology/compiler.hpp"
#include "node/topology/topology_check.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::test;

namespace {

struct wrong_line {
  const char *patch, *path, *message;
};

std::map<std::string, int> costs_at_a(const char* patch) {
  std::map<std::string, int> costs;
  for (const auto& each : compile(network_of(example_with(patch)), "ServerA").neighbours)
    costs[each.name] = each.cost;
  return costs;
}

} // namespace

TEST_CASE("what is wrong with a line's settings is one problem at its path") {
  auto each = GENERATE(
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"cost": "1"}}}}})",
                 "nodes.ServerA.neighbours.ServerB.cost", "must be a whole number from 1"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congestion": "Cubic"}}}}})",
                 "nodes.ServerA.neighbours.ServerB.congestion",
                 "\"Cubic\" is no congestion control; write \"auto\", \"system\""},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congestion": ""}}}}})",
                 "nodes.ServerA.neighbours.ServerB.congestion", "is no congestion control"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congestion": "sixteen_letters_"}}}}})",
                 "nodes.ServerA.neighbours.ServerB.congestion", "is no congestion control"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congestion": true}}}}})",
                 "nodes.ServerA.neighbours.ServerB.congestion", "must be a text"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congesion": "bbr"}}}}})",
                 "nodes.ServerA.neighbours.ServerB.congesion", "is not known here"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": ["bbr"]}}}})",
                 "nodes.ServerA.neighbours.ServerB", "must be a whole number from 1"},
      wrong_line{R"({"nodes": {"HOST1": {"home_line": "bbr"}}})", "nodes.HOST1.home_line",
                 "must be an object"},
      wrong_line{R"({"nodes": {"HOST1": {"home_line": {"congestion": "b b r"}}}})",
                 "nodes.HOST1.home_line.congestion", "is no congestion control"},
      wrong_line{R"({"nodes": {"ServerA": {"home_line": {"congestion": "bbr"}}}})", "nodes.ServerA.home_line",
                 "is only for clients and managers"},
      wrong_line{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"cost": 1, "congestion": "bbr"}}},
                               "ServerB": {"neighbours": {"ServerA": {"cost": 1, "congestion": "system"}}}}})",
                 "nodes.ServerB.neighbours.ServerA",
                 "congestion system contradicts nodes.ServerA.neighbours.ServerB (bbr); write it once"});
  CAPTURE(each.patch);
  auto found = parse_and_check(example_with(each.patch)).problems;
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == each.path);
  CHECK_THAT(found[0].message, Catch::Contains(each.message));
}

TEST_CASE("a neighbour without a cost has that of the other side, or 1") {
  using costs = std::map<std::string, int>;
  CHECK(costs_at_a(R"({"nodes": {"ServerA": {"neighbours": {"ServerB": {"congestion": "bbr"}, "ServerC": {}}},
                                 "ServerB": {"neighbours": {"ServerA": 7}},
                                 "ServerC": {"neighbours": {"ServerA": null}}}})") ==
        costs{{"ServerB", 7}, {"ServerC", 1}});
}
