#include "networks.hpp"
#include "node/topology/broadcast_point.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

using names = std::vector<std::string>;

/// `network via NAME`, explicit ones with their priority.
names routes_of(const definition& self) {
  names lines;
  for (const auto& row : self.routes)
    lines.push_back(to_string(row.network) + " via " + row.via +
                    (row.explicit_route ? " explicit " + std::to_string(row.priority) : ""));
  return lines;
}

names next_of(const definition& self, const std::string& file) {
  auto found = self.transfers.find(file);
  return found == self.transfers.end() ? names{} : found->second.next;
}

names hosts_of(const definition& self) {
  names all;
  for (const auto& [name, where] : self.hosts) all.push_back(name);
  return all;
}

std::string point_of(const std::string& text, const std::string& file) {
  auto net = network_of(text);
  auto choice = choose_broadcast_point(net, network_graph{net}, net.transfers.at(file));
  return choice ? choice->point() : "none";
}

} // namespace

TEST_CASE("a server knows its neighbours, clients, routes and names") {
  auto a = compile(network_of(example_text()), "ServerA");
  CHECK(a.network == "three-hubs");
  CHECK(a.node == "ServerA");
  CHECK(a.role == role::server);
  CHECK(to_string(a.address) == "127.1.1.1:40000");
  REQUIRE(a.neighbours.size() == 2);
  CHECK(a.neighbours[0].name == "ServerB");
  CHECK(to_string(a.neighbours[0].address) == "127.1.2.1:40000");
  CHECK(to_string(a.neighbours[0].segments.at(0)) == "127.1.2.0/24");
  REQUIRE(a.clients.size() == 2);
  CHECK(a.find_client("HOST1")->role == role::client);
  CHECK(a.find_client("MGR")->role == role::manager);
  CHECK(routes_of(a) == names{"127.1.2.0/24 via ServerB", "127.1.3.0/24 via ServerC"});
  CHECK(a.name_routes == std::map<std::string, std::string>{{"ServerB", "ServerB"}, {"ServerC", "ServerC"}});
  CHECK(to_string(a.hosts.at("HOST2")) == "127.1.2.12");
  CHECK(a.sends.empty());
}

TEST_CASE("a client knows its home, what it sends and what it receives") {
  auto net =
      network_of(example_with(R"({"transfers": {"FILE04": {"retry": {"count": 2}, "if_exists": "refuse",
                                              "priority": 9, "preempt": true, "rate": "5MB/s"}}})"));
  auto host1 = compile(net, "HOST1");
  CHECK(host1.home == "ServerA");
  CHECK(to_string(host1.home_address) == "127.1.1.1:40000");
  CHECK(host1.transfers.empty());
  CHECK(host1.routes.empty());
  REQUIRE(host1.sends.size() == 4);
  CHECK(host1.sends.at("FILE01").destination == "HOST2");
  CHECK(host1.sends.at("FILE01").path == "out/report.bin");
  CHECK_FALSE(host1.sends.at("FILE02").destination);
  CHECK(host1.sends.at("FILE03").destination == "ServerB");
  CHECK_FALSE(host1.sends.at("FILE04").destination);
  CHECK(host1.sends.at("FILE04").recipients == names{"HOST2", "HOST3"});
  CHECK(host1.sends.at("FILE04").path == "out/FILE04");
  CHECK(host1.sends.at("FILE04").policy.retry.count == 2);
  CHECK(host1.sends.at("FILE04").policy.priority == 9);
  CHECK(host1.sends.at("FILE04").policy.preempt);
  CHECK(host1.sends.at("FILE04").policy.rate == 5'000'000);
  CHECK_FALSE(host1.sends.at("FILE01").policy.preempt);
  auto host2 = compile(net, "HOST2");
  REQUIRE(host2.receives.size() == 4);
  CHECK(host2.receives.at("FILE02").path == "in/manual.bin");
  CHECK(host2.receives.at("FILE02").source == "HOST1");
  CHECK(host2.receives.at("FILE04").policy.if_exists == if_exists::refuse);
  CHECK(compile(net, "HOST3").receives.size() == 2);
}

TEST_CASE("transfer definitions stand where the scenarios put them") {
  auto all = compile_all(network_of(example_text()));
  const auto &a = all.at("ServerA"), &b = all.at("ServerB"), &c = all.at("ServerC");
  CHECK(next_of(a, "FILE01") == names{"HOST2"}); // 2.1
  CHECK(next_of(b, "FILE01").empty());
  CHECK(next_of(a, "FILE02") == names{"ServerC"}); // 2.2
  CHECK(next_of(c, "FILE02") == names{"HOST2"});
  CHECK(next_of(b, "FILE02").empty());
  CHECK(next_of(a, "FILE03") == names{"ServerB"}); // 2.3
  CHECK(next_of(b, "FILE03") == names{"HOST2", "HOST3"});
  CHECK(next_of(a, "FILE04") == names{"ServerC"}); // 2.4
  CHECK(next_of(c, "FILE04") == names{"HOST2", "HOST3"});
  for (auto file : {"FILE01", "FILE02", "FILE03", "FILE04"}) {
    CHECK(a.transfers.at(file).sender == "HOST1");
    CHECK(b.transfers.at(file).sender.empty());
    CHECK(b.transfers.at(file).receivers == names{"HOST2"});
  }
}

TEST_CASE("a chain by via leads from server to server, and on from the sender's home server itself") {
  auto net = network_of(example_with(R"({"transfers": {
    "FILE02": {"via": ["ServerA", "ServerC", "ServerB"]},
    "FILE04": {"via": ["ServerB"], "broadcast_at": "ServerC"},
    "HERE": {"from": "HOST1", "to": ["HOST2"], "placement": "manual", "via": ["ServerA"]}}})"));
  auto all = compile_all(net);
  CHECK(next_of(all.at("ServerA"), "FILE02") == names{"ServerC"});
  CHECK(next_of(all.at("ServerC"), "FILE02") == names{"ServerB"});
  CHECK(next_of(all.at("ServerB"), "FILE02") == names{"HOST2"});
  CHECK(next_of(all.at("ServerA"), "FILE04") == names{"ServerB"});
  CHECK(next_of(all.at("ServerB"), "FILE04") == names{"ServerC"});
  CHECK(next_of(all.at("ServerC"), "FILE04") == names{"HOST2", "HOST3"});
  CHECK(next_of(all.at("ServerA"), "HERE") == names{"HOST2"});
  CHECK_FALSE(all.at("HOST1").sends.at("HERE").destination);
}

TEST_CASE("a client dials the server that its proxies name for a host, which takes it as a guest") {
  auto all = compile_all(network_of(example_with(R"({
    "nodes": {"HOST1": {"proxies": {"HOST2": "ServerC", "HOST3": "ServerA"}},
              "HOST2": {"proxies": {"HOST1": "ServerC"}}}})")));
  const auto &host1 = all.at("HOST1"), &host2 = all.at("HOST2"), &a = all.at("ServerA"),
             &c = all.at("ServerC");
  CHECK(host1.proxies ==
        std::map<std::string, std::string>{{"HOST2", "ServerC"}}); // the other one is its home
  REQUIRE(host1.dialled.size() == 1);
  CHECK(host1.dialled.front().name == "ServerC");
  CHECK(host1.dialled.front().role == role::server);
  CHECK(host1.dialled.front().address == c.address);
  CHECK(host1.sends.at("FILE01").dials == "ServerC");
  CHECK(host1.sends.at("FILE01").destination == "HOST2");
  CHECK(host1.sends.at("FILE03").dials.empty()); // HOST3 too, by its home
  CHECK(host2.receives.at("FILE01").dials == "ServerC");
  CHECK(c.guests == names{"HOST1", "HOST2"});
  CHECK(a.guests.empty());
  CHECK(c.transfers.at("FILE01").sender == "HOST1");
  CHECK(next_of(c, "FILE01") == names{"HOST2"});
  CHECK(c.transfers.at("FILE01").receivers == names{"HOST2"});
  CHECK(a.transfers.at("FILE01").sender == "HOST1"); // who requests it is led there
  CHECK(next_of(a, "FILE01") == names{"ServerC"});
  CHECK(next_of(c, "FILE02") == names{"HOST2"}); // it begins at the server of its via
  CHECK_FALSE(c.find_client("HOST1"));
}

TEST_CASE("no server knows of a direct transfer, and its two ends dial each other") {
  auto all = compile_all(network_of(example_with(R"({
    "nodes": {"HOST2": {"home": "ServerA", "address": "127.1.1.12:30000"}},
    "transfers": {"FILE01": {"placement": "direct"}}})")));
  for (const auto& [name, self] : all) CHECK_FALSE(self.transfers.count("FILE01"));
  const auto &host1 = all.at("HOST1"), &host2 = all.at("HOST2");
  CHECK(host1.sends.at("FILE01").dials == "HOST2");
  CHECK_FALSE(host1.sends.at("FILE01").destination);
  CHECK(host2.receives.at("FILE01").dials == "HOST1");
  REQUIRE(host1.find_dialled("HOST2"));
  CHECK(host1.find_dialled("HOST2")->role == role::client);
  CHECK(host2.find_dialled("HOST1"));
  CHECK(host1.sends.at("FILE03").dials.empty());
}

TEST_CASE("the server that the sender dials knows the receivers, for when their point is stopped") {
  auto all = compile_all(network_of(example_text()));
  CHECK(all.at("ServerA").transfers.at("FILE03").instead == names{"HOST2", "HOST3"});
  CHECK(all.at("ServerB").transfers.at("FILE03").instead.empty());
  CHECK(all.at("ServerA").transfers.at("FILE01").instead.empty()); // one receiver
  CHECK(all.at("ServerA").transfers.at("FILE04").instead.empty()); // its user chose the point
}

TEST_CASE("own routes come first and stay beside the derived ones") {
  auto a = compile(network_of(example_with(R"({"nodes": {"ServerA": {
      "routes": [{"network": "127.1.2.0/25", "via": "ServerC", "priority": 1}], "default_route": "ServerC"}}})")),
                   "ServerA");
  CHECK(routes_of(a) ==
        names{"127.1.2.0/25 via ServerC explicit 1", "127.1.2.0/24 via ServerB", "127.1.3.0/24 via ServerC"});
  CHECK(a.default_route == "ServerC");
}

TEST_CASE("clients outside their home's segment get a route of their own at the other servers") {
  auto all = compile_all(network_of(example_with(R"({"nodes": {
      "HOST2": {"address": "127.1.77.12:30000"}, "HOST3": {"address": "[::1]:30000"}}})")));
  CHECK(routes_of(all.at("ServerC")) == names{"127.1.1.0/24 via ServerA", "127.1.2.0/24 via ServerB",
                                              "127.1.77.12/32 via ServerB", "127.1.0.9/32 via ServerA"});
  CHECK(routes_of(all.at("ServerB")) == names{"127.1.1.0/24 via ServerA", "127.1.3.0/24 via ServerC",
                                              "::1/128 via ServerC", "127.1.0.9/32 via ServerA"});
}

TEST_CASE("own hosts override the addresses; with the system resolver a server has the names to ask for") {
  auto net = network_of(example_with(R"({"nodes": {
      "ServerA": {"hosts": {"HOST2": "127.1.2.99"}}, "ServerB": {"resolver": "system"}, "HOST1": {"hosts": {"ServerA": "127.9.9.9"}},
      "HOST3": {"resolver": "system"}}})"));
  auto a = compile(net, "ServerA"), b = compile(net, "ServerB"), host1 = compile(net, "HOST1");
  CHECK(to_string(a.hosts.at("HOST2")) == "127.1.2.99");
  CHECK(to_string(a.hosts.at("HOST3")) == "127.1.3.13");
  CHECK(b.system_resolver);
  CHECK(b.hosts.count("HOST1"));
  CHECK_FALSE(b.hosts.count("ServerB"));
  CHECK(compile(net, "HOST3").hosts.empty());
  CHECK(to_string(host1.home_address) == "127.9.9.9:40000");
}

TEST_CASE("who dials its home alone knows no other host") {
  auto net = network_of(example_with(R"({"nodes": {"HOST1": {"hosts": {"ServerB": "127.9.9.8"}}}})"));
  CHECK(hosts_of(compile(net, "HOST3")) == names{"ServerC"});
  CHECK(hosts_of(compile(net, "HOST1")) == names{"ServerA", "ServerB"}); // what its own table has
  CHECK(compile(net, "ServerA").hosts.size() == net.nodes.size() - 1);
}

TEST_CASE("limits and dial are handed on") {
  auto net = network_of(example_with(R"({"nodes": {"HOST1": {"dial": "out", "limits": {"transfers": 3}}}})"));
  CHECK(compile(net, "HOST1").limits.transfers == 3);
  CHECK(compile(net, "HOST1").dials_out);
  CHECK(compile(net, "ServerA").find_client("HOST1")->dials_out);
}

TEST_CASE("an unknown name has an empty definition") {
  CHECK(compile(network_of(example_text()), "NOBODY").node.empty());
}

TEST_CASE("the way is of least cost, then of fewer hops, then first by names") {
  struct row {
    const char *patch, *hop;
  };
  // From ServerA to ServerD; D is a neighbour of what the patch says.
  auto each = GENERATE(row{R"({"ServerB": 5, "ServerC": 1})", "ServerC"},
                       row{R"({"ServerB": 1, "ServerC": 1})", "ServerB"},
                       row{R"({"ServerA": 2, "ServerB": 1})", "ServerD"}, // equal cost, one hop less
                       row{R"({"ServerA": 9, "ServerC": 1})", "ServerC"});
  CAPTURE(each.patch);
  auto net = network_of(example_with(
      R"({"nodes": {"ServerD": {"role": "server", "address": "127.1.4.1:40000", "neighbours": )" +
      std::string{each.patch} + "}}}"));
  CHECK(compile(net, "ServerA").name_routes.at("ServerD") == each.hop);
}

TEST_CASE("a costly link is gone around by name too") {
  auto net = network_of(example_with(
      R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 9}}, "ServerB": {"neighbours": {"ServerA": 9}}}})"));
  CHECK(compile(net, "ServerA").name_routes.at("ServerB") == "ServerC");
}

TEST_CASE("second ways: first those that do not come back, none where all do") {
  using ways = std::map<std::string, std::vector<std::string>>;
  auto ring = compile(network_of(example_text()), "ServerA").other_ways;
  CHECK(ring == ways{{"ServerB", {"ServerC"}}, {"ServerC", {"ServerB"}}});
  for (const auto& [name, self] : compile_all(network_of(chain_text(5, {})))) CHECK(self.other_ways.empty());

  // A – D by B (cost 2) or, also without A, by C or E; E's own best way to D leads back over A.
  auto net = network_of(example_with(R"({"nodes": {
    "ServerA": {"neighbours": {"ServerB": 1, "ServerC": 3, "ServerE": 1}},
    "ServerC": {"neighbours": {"ServerA": 3}},
    "ServerD": {"role": "server", "address": "127.1.4.1:40000", "neighbours": {"ServerB": 1, "ServerC": 1, "ServerE": 9}},
    "ServerE": {"role": "server", "address": "127.1.5.1:40000"}}})"));
  CHECK(compile(net, "ServerA").name_routes.at("ServerD") == "ServerB");
  CHECK(compile(net, "ServerA").other_ways.at("ServerD") == std::vector<std::string>{"ServerC", "ServerE"});
}

TEST_CASE("in a chain every server leads to the far ends") {
  auto servers = GENERATE(5, 9);
  auto all = compile_all(network_of(chain_text(servers, {})));
  for (int i = 1; i <= servers; ++i) {
    const auto& self = all.at("S" + std::to_string(i));
    CHECK(self.routes.size() == std::size_t(servers - 1));
    for (int far = 1; far <= servers; ++far) {
      if (far == i) continue;
      auto hop = "S" + std::to_string(far < i ? i - 1 : i + 1);
      CHECK(self.name_routes.at("S" + std::to_string(far)) == hop);
    }
  }
}

TEST_CASE("the broadcast point has the least cost; ties go by receivers, not the sender's home, name") {
  struct row {
    const char *patch, *point;
  };
  auto each = GENERATE(
      row{"{}", "ServerB"}, // all cost 2: B and C have a receiver each, B is first by name
      row{R"({"nodes": {"HOST4": {"role": "client", "address": "127.1.3.14:1", "home": "ServerC"}},
              "transfers": {"FILE03": {"to": ["HOST2", "HOST3", "HOST4"]}}})",
          "ServerC"}, // more receivers there
      row{R"({"nodes": {"ServerB": {"neighbours": {"ServerC": 9}}, "ServerC": {"neighbours": {"ServerB": 9}}}})",
          "ServerA"},
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": 9}}, "ServerB": {"neighbours": {"ServerA": 9}}}})",
          "ServerC"},
      row{R"({"transfers": {"FILE03": {"to": ["HOST2"]}}})", "none"},
      // Both receivers behind B: going through A costs 2 as well, yet B alone has receivers.
      row{R"({"nodes": {"HOST3": {"home": "ServerB", "address": "127.1.2.13:30000"}}})", "ServerB"},
      // D hangs behind C, which ties with D and A by cost and with A by receivers: the sender's home server
      // comes last.
      row{R"({"nodes": {"ServerA": {"neighbours": {"ServerB": null}}, "ServerB": {"neighbours": {"ServerA": null}},
                        "ServerD": {"role": "server", "address": "127.1.4.1:1", "segment": "127.1.4.0/24", "neighbours": {"ServerC": 1}},
                        "HOST3": {"home": "ServerD", "address": "127.1.4.13:1"}}})",
          "ServerC"});
  CAPTURE(each.patch);
  CHECK(point_of(example_with(each.patch), "FILE03") == each.point);
}

TEST_CASE("the sender's home server can be the broadcast point") {
  auto all = compile_all(network_of(example_with(
      R"({"nodes": {"ServerB": {"neighbours": {"ServerC": 9}}, "ServerC": {"neighbours": {"ServerB": 9}}}})")));
  CHECK(all.at("HOST1").sends.at("FILE03").destination == "ServerA");
  CHECK(next_of(all.at("ServerA"), "FILE03") == names{"HOST2", "HOST3"});
  CHECK(next_of(all.at("ServerB"), "FILE03").empty());
}

TEST_CASE("a store is at the receiver's home server, and known to it alone") {
  auto policy = GENERATE("when_unreachable", "always", "only");
  auto text = example_with(R"({"transfers": {"FILE01": {"store": ")" + std::string{policy} +
                           R"(", "store_s": 60}}})");
  auto all = compile_all(parse_topology(text).value);
  const auto& kept = all.at("ServerB").transfers.at("FILE01");
  CHECK(to_string(kept.policy.store) == policy);
  CHECK(kept.policy.store_s == 60);
  CHECK(kept.next == std::vector<std::string>{"HOST2"});
  CHECK(all.at("ServerA").transfers.at("FILE01").policy.store == store_policy::never);
  CHECK(all.at("ServerA").transfers.at("FILE01").next == std::vector<std::string>{"ServerB"});
  const auto& sends = all.at("HOST1").sends.at("FILE01");
  CHECK(sends.through_store);
  CHECK(sends.destination == "ServerB");
  CHECK(sends.policy.until_spooled == (std::string{policy} != "when_unreachable"));
}

TEST_CASE("the choice of the broadcast point explains itself") {
  auto net = network_of(example_text());
  auto choice = choose_broadcast_point(net, network_graph{net}, net.transfers.at("FILE03"));
  REQUIRE(choice);
  CHECK(choice->why() == "ServerB (cost 2): of equal cost, first by name; others: ServerC 2, ServerA 2");
  CHECK_FALSE(choose_broadcast_point(net, network_graph{net}, net.transfers.at("FILE04"))); // manual
}

TEST_CASE("a group stands for its members, and its path for theirs") {
  auto text = example_with(R"({"groups": {"branches": ["HOST2", "HOST3"]},
    "transfers": {"FILE03": {"to": ["branches"], "on_error": "stop_others", "complete_when": "spooled",
                             "receive": {"branches": {"path": "in/all"}, "HOST3": {"path": "in/own"}}}}})");
  auto net = network_of(text);
  CHECK(compile(net, "ServerB").transfers.at("FILE03").next == names{"HOST2", "HOST3"});
  CHECK(compile(net, "HOST2").receives.at("FILE03").path == "in/all");
  CHECK(compile(net, "HOST3").receives.at("FILE03").path == "in/own");
  auto sends = compile(net, "HOST1").sends.at("FILE03");
  CHECK(sends.recipients == names{"HOST2", "HOST3"});
  CHECK(sends.policy.stop_others);
  CHECK(sends.policy.until_spooled);
}

TEST_CASE("a group of 10,000 is compiled") {
  std::string nodes, members;
  for (int i = 0; i < 10'000; ++i) {
    auto name = "R" + std::to_string(i);
    auto address = "127.2." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + ":30000";
    nodes += R"(, ")" + name + R"(": {"role": "client", "address": ")" + address + R"(", "home": "S"})";
    members += (i ? ", \"" : "\"") + name + "\"";
  }
  auto net = network_of(R"({"network": "n", "nodes": {
      "S": {"role": "server", "address": "127.1.1.1:40000"},
      "HOST1": {"role": "client", "address": "127.1.1.2:30000", "home": "S"})" +
                        nodes + R"(},
    "groups": {"all": [)" +
                        members + R"(]}, "transfers": {"FILE": {"from": "HOST1", "to": ["all"]}}})");
  CHECK(compile(net, "HOST1").sends.at("FILE").recipients.size() == 10'000);
  CHECK(compile(net, "S").transfers.at("FILE").next.size() == 10'000);
}

TEST_CASE("a server that is both gateways keeps no link to itself") {
  auto self = compile(network_of(example_with(R"({"gateways": {"db": {"called": "ServerA"}}})")), "ServerA");
  REQUIRE(self.proxy.gateways.size() == 2);
  CHECK(self.proxy.gateways[0].calling == self.proxy.gateways[0].called);
  CHECK(self.proxy.kept == names{"ServerB"}); // of the other one
}

TEST_CASE("a node in two networks: where it listens, what it serves, and how others see it") {
  auto all = compile_all(network_of(example_with(R"({"nodes": {
      "ServerA": {"address": "hub-a.example:40000", "listen": ["10.1.0.1:40000", "192.168.7.1:40000"], "bind": "10.1.0.1",
                  "segment": ["127.1.1.0/24", "192.168.7.0/24"]},
      "HOST1": {"address": "192.168.7.11:30000", "hosts": {"ServerA": "192.168.7.1:41000"}},
      "HOST2": {"address": "host2.example:30000"}}})")));
  const auto &a = all.at("ServerA"), &b = all.at("ServerB"), &c = all.at("ServerC"), &host1 = all.at("HOST1");
  CHECK(to_string(a.address) == "hub-a.example:40000");
  CHECK(a.listen.size() == 2);
  CHECK(a.bind == std::vector{*ip_address::parse("10.1.0.1")});
  CHECK(a.segments.size() == 2);
  CHECK(b.listen.empty());
  CHECK(to_string(b.find_neighbour("ServerA")->address) == "hub-a.example:40000");
  CHECK(b.find_neighbour("ServerA")->segments == a.segments);
  CHECK(to_string(b.hosts.at("ServerA")) == "hub-a.example");
  CHECK(to_string(host1.home_address) == "192.168.7.1:41000");
  CHECK(to_string(host1.hosts.at("ServerA")) == "192.168.7.1:41000");
  // HOST1 is in a segment of its home; HOST2's look-up may say anything.
  auto routes = routes_of(c);
  CHECK(std::count(routes.begin(), routes.end(), "192.168.7.0/24 via ServerA") == 1);
  CHECK(std::any_of(c.routes.begin(), c.routes.end(),
                    [](const auto& row) { return row.host == "HOST2" && row.via == "ServerB"; }));
  CHECK(std::none_of(b.routes.begin(), b.routes.end(), [](const auto& row) { return row.host == "HOST2"; }));
}
