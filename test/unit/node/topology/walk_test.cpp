#include "networks.hpp"
#include "node/topology/walk.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

using names = std::vector<std::string>;
using definitions = std::map<std::string, definition>;

std::optional<ip_address> nobody(const std::string&) { return {}; }

std::string told_text(const hublink::open& request) {
  auto line = request.file.value_or("");
  for (const auto& name : request.destination) line += " " + name;
  if (request.source) line += " source " + *request.source;
  return line;
}

/// `from > hop: told, by` of every step, then the failures' codes and hops.
names lines_of(const walk_result& result) {
  names lines;
  for (const auto& step : result.steps)
    lines.push_back(step.node + " > " + step.chosen.hop + ": " + told_text(step.request) + ", " +
                    std::string{to_string(step.chosen.by)});
  for (const auto& why : result.failures)
    lines.push_back(std::string{to_string(why.code)} + " at " + why.hop);
  return lines;
}

names send(const definitions& nodes, const std::string& from, const std::string& file) {
  auto start = first_open(nodes.at(from), file);
  REQUIRE(start);
  return lines_of(walk(nodes, from, *start, nobody));
}

definitions example(const char* patch = "{}") { return compile_all(network_of(example_with(patch))); }

names nodes_passed(const definitions& nodes, const std::string& file) {
  auto result = walk(nodes, "HOST1", *first_open(nodes.at("HOST1"), file), nobody);
  CHECK(result.failures.empty());
  names passed;
  for (const auto& step : result.steps) passed.push_back(step.chosen.hop);
  return passed;
}

} // namespace

TEST_CASE("each hop is told what the scenarios say") {
  auto nodes = example();
  CHECK(send(nodes, "HOST1", "FILE01") == names{"HOST1 > ServerA: FILE01 HOST2, definition",
                                                "ServerA > ServerB: FILE01 HOST2, route",
                                                "ServerB > HOST2: FILE01, registered"});
  CHECK(send(nodes, "HOST1", "FILE02") ==
        names{"HOST1 > ServerA: FILE02, definition", "ServerA > ServerC: FILE02, route",
              "ServerC > ServerB: FILE02 HOST2, route", "ServerB > HOST2: FILE02, registered"});
  CHECK(send(nodes, "HOST1", "FILE03") ==
        names{"HOST1 > ServerA: FILE03 ServerB, definition", "ServerA > ServerB: FILE03, route",
              "ServerB > HOST2: FILE03, registered", "ServerB > ServerC: FILE03 HOST3, route",
              "ServerC > HOST3: FILE03, registered"});
  CHECK(send(nodes, "HOST1", "FILE04") ==
        names{"HOST1 > ServerA: FILE04, definition", "ServerA > ServerC: FILE04, route",
              "ServerC > ServerB: FILE04 HOST2, route", "ServerB > HOST2: FILE04, registered",
              "ServerC > HOST3: FILE04, registered"});
}

TEST_CASE("a request goes back to the sender") {
  auto nodes = example();
  hublink::open start;
  start.kind = circuit_kind::request;
  start.file = "FILE01";
  start.source = "HOST1";
  CHECK(lines_of(walk(nodes, "HOST2", start, nobody)) ==
        names{"HOST2 > ServerB: FILE01 source HOST1, definition", "ServerB > ServerA: FILE01, route",
              "ServerA > HOST1: FILE01, registered"});
  auto chain = compile_all(network_of(chain_text(4, {})));
  CHECK(lines_of(walk(chain, "HOST2", start, nobody)) ==
        names{"HOST2 > S4: FILE01 source HOST1, definition", "S4 > S3: FILE01 source HOST1, route",
              "S3 > S2: FILE01 source HOST1, route", "S2 > S1: FILE01, route",
              "S1 > HOST1: FILE01, registered"});
}

TEST_CASE("chains of five and nine servers are passed from end to end") {
  auto servers = GENERATE(5, 9);
  const auto last = "S" + std::to_string(servers);
  auto nodes = compile_all(network_of(chain_text(servers, {"S4"})));
  names expected;
  for (int i = 1; i <= servers; ++i) expected.push_back("S" + std::to_string(i));
  expected.push_back("HOST2");
  CHECK(nodes_passed(nodes, "FILE01") == expected);
  CHECK(nodes_passed(nodes, "FILE02") == expected);
  auto steps = send(nodes, "HOST1", "FILE02");
  CHECK(steps.at(1) == "S1 > S2: FILE02 S4, route"); // in between, the named server is told
  CHECK(steps.at(3) == "S3 > S4: FILE02, route");    // to itself, the file alone
  CHECK(steps.at(4) == "S4 > S5: FILE02 HOST2, route");
}

TEST_CASE("a via whose second lies on the way to the first is passed twice") {
  auto nodes = compile_all(network_of(chain_text(5, {"S4", "S2"})));
  CHECK(nodes_passed(nodes, "FILE02") ==
        names{"S1", "S2", "S3", "S4", "S3", "S2", "S3", "S4", "S5", "HOST2"});
}

TEST_CASE("a broadcast carries no connection between two servers twice") {
  auto nodes = compile_all(network_of(example_with(R"({"nodes": {
      "ServerD": {"role": "server", "address": "127.1.4.1:40000", "segment": "127.1.4.0/24", "neighbours": {"ServerC": 1}},
      "HOST4": {"role": "client", "address": "127.1.4.14:30000", "home": "ServerD"}},
    "transfers": {"FILE04": {"to": ["HOST2", "HOST3", "HOST4"], "broadcast_at": "ServerB"}}})")));
  CHECK(send(nodes, "HOST1", "FILE04") ==
        names{"HOST1 > ServerA: FILE04, definition", "ServerA > ServerB: FILE04, route",
              "ServerB > HOST2: FILE04, registered", "ServerB > ServerC: FILE04 HOST3 HOST4, route",
              "ServerC > HOST3: FILE04, registered", "ServerC > ServerD: FILE04 HOST4, route",
              "ServerD > HOST4: FILE04, registered"});
}

TEST_CASE("each server resolves by its own host definitions") {
  // ServerA believes that HOST2 is in ServerC's segment; ServerC knows better.
  auto nodes =
      example(R"({"nodes": {"ServerA": {"hosts": {"HOST2": "127.1.3.77", "ServerC": "127.1.3.9"}}}})");
  auto result = walk(nodes, "HOST1", *first_open(nodes.at("HOST1"), "FILE01"), nobody);
  CHECK(nodes_passed(nodes, "FILE01") == names{"ServerA", "ServerC", "ServerB", "HOST2"});
  CHECK(to_string(*result.steps.at(1).chosen.address) == "127.1.3.77");
  CHECK(to_string(*result.steps.at(1).dialled) == "127.1.3.9:40000");
  CHECK(to_string(*result.steps.at(2).chosen.address) == "127.1.2.12");
}

TEST_CASE("the system resolver is asked alone where the topology says so") {
  auto nodes = example(R"({"nodes": {"ServerA": {"resolver": "system"}}})");
  CHECK(send(nodes, "HOST1", "FILE01").back() == "no-route at ServerA");
  names asked;
  auto system = [&](const std::string& host) {
    asked.push_back(host);
    return ip_address::parse(host == "HOST2" ? "127.1.2.12" : "127.1.2.200");
  };
  auto result = walk(nodes, "HOST1", *first_open(nodes.at("HOST1"), "FILE01"), system);
  CHECK(result.arrived == names{"HOST2"});
  CHECK(asked == names{"HOST2", "ServerB"});
  CHECK(to_string(*result.steps.at(1).dialled) == "127.1.2.200:40000");
}

TEST_CASE("overlapping routes and a default route decide as their table says") {
  auto nodes = example(R"({"nodes": {"ServerA": {"routes": [
      {"network": "127.1.0.0/16", "via": "ServerC", "priority": 5}, {"network": "127.1.2.0/24", "via": "ServerB", "priority": 7}]}}})");
  CHECK(nodes_passed(nodes, "FILE01") == names{"ServerA", "ServerC", "ServerB", "HOST2"});
  nodes = example(R"({"nodes": {"ServerA": {"default_route": "ServerC", "hosts": {"HOST2": "10.0.0.2"}}}})");
  CHECK(send(nodes, "HOST1", "FILE01").at(1) == "ServerA > ServerC: FILE01 HOST2, default");
}

TEST_CASE("dead ends are refused with a reason at their hop") {
  struct row {
    const char *patch, *file, *end;
  };
  auto each = GENERATE(
      row{R"({"nodes": {"ServerA": {"hosts": {"HOST2": "10.0.0.2"}}}})", "FILE01", "no-route at ServerA"},
      row{R"({"nodes": {"ServerA": {"hosts": {"HOST2": "127.1.1.77"}}}})", "FILE01",
          "not-registered at ServerA"},
      row{R"({"nodes": {"ServerB": {"hosts": {"HOST3": "10.0.0.3"}, "routes": [{"network": "10.0.0.0/8", "via": "ServerA"}]},
                        "ServerA": {"hosts": {"HOST3": "10.0.0.3"}, "routes": [{"network": "10.0.0.0/8", "via": "ServerB"}],
                                    "neighbours": {"ServerB": 1, "ServerC": null}},
                        "ServerC": {"neighbours": {"ServerA": null, "ServerB": 1}}}})",
          "FILE09", "loop at ServerA"});
  auto tree = nlohmann::json::parse(each.patch);
  tree["transfers"]["FILE09"] = {{"from", "HOST1"}, {"to", {"HOST3"}}};
  CAPTURE(each.patch);
  CHECK(send(example(tree.dump().c_str()), "HOST1", each.file).back() == each.end);
}

TEST_CASE("a server whose definition lacks the file refuses it") {
  auto nodes = example();
  nodes.at("ServerC").transfers.clear();
  CHECK(send(nodes, "HOST1", "FILE02").back() == "unknown-file at ServerC");
  nodes.at("HOST2").receives.clear();
  CHECK(send(nodes, "HOST1", "FILE01").back() == "unknown-file at HOST2");
}

TEST_CASE("a ping ends at a client, at a far server, at the next server") {
  auto nodes = compile_all(network_of(chain_text(4, {})));
  auto ping = [&](const char* from, const char* to) {
    hublink::open start;
    start.kind = circuit_kind::ping;
    start.destination = {to};
    auto result = walk(nodes, from, start, nobody);
    CHECK(result.failures.empty());
    return result.arrived;
  };
  CHECK(ping("HOST1", "HOST2") == names{"HOST2"});
  CHECK(ping("HOST1", "S4") == names{"S4"});
  CHECK(ping("HOST1", "S1") == names{"S1"});
  CHECK(ping("S1", "S2") == names{"S2"});
  CHECK(ping("S1", "S1") == names{"S1"});
}

TEST_CASE("nobody sends what is not his") {
  CHECK_FALSE(first_open(example().at("HOST2"), "FILE01"));
  CHECK(lines_of(walk(example(), "NOBODY", hublink::open{}, nobody)) == names{"unknown-file at NOBODY"});
}
