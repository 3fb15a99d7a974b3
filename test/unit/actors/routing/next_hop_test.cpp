#include "actors/routing/next_hop.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

using names = std::vector<std::string>;

names hosts_of(const outcome<std::vector<target>>& targets) {
  names result;
  if (!targets) return {std::string{to_string(targets.error().code)}};
  for (const auto& each : *targets) result.push_back(each.host);
  return result;
}

/// `hop by tell…` of each alternative, or the error's name.
names tried(const definition& self, const target& wanted, const char* address = nullptr) {
  auto hops = find_hops(self, wanted, address ? std::optional{ip(address)} : std::nullopt);
  if (!hops) return {std::string{to_string(hops.error().code)}};
  names result;
  for (const auto& each : *hops) {
    auto line = each.hop + " " + std::string{to_string(each.by)};
    for (const auto& name : each.tell) line += " " + name;
    result.push_back(line);
  }
  return result;
}

target foreign(std::string host) { return {.host = std::move(host), .needs_address = true}; }

} // namespace

TEST_CASE("what comes next, by the rules") {
  struct row {
    open request;
    names hosts;
  };
  auto ping = [](names destination) { return asking(circuit_kind::ping, {}, std::move(destination)); };
  auto each = GENERATE_COPY(
      row{transfer("FILE01", {"HOST1"}), {"HOST1"}},     // rule 1
      row{transfer("UNKNOWN", {"HOST1"}), {"HOST1"}},    // a registered client needs no definition here
      row{transfer("FILE02"), {"ServerC"}},              // rule 2
      row{transfer("FILE03", {"ServerA"}), {"ServerB"}}, // rule 2, this server named
      row{transfer("FILE03", {"ServerB"}), {"ServerB"}}, // rule 3
      row{transfer("FILE01", {"HOST2"}), {"HOST2"}},     // rule 4
      row{transfer("FILE03", {"HOST2", "HOST1"}), {"HOST2", "HOST1"}},
      row{transfer("FILE03", {"HOST2", "HOST2"}), {"HOST2"}}, row{transfer("UNKNOWN"), {"unknown-file"}},
      row{transfer("UNKNOWN", {"ServerA"}), {"unknown-file"}},
      row{transfer("FILE09"), {"unknown-file"}}, // known, but nothing comes next
      row{asking(circuit_kind::transfer, {}), {"unknown-file"}},
      row{request("FILE01"), {"HOST1"}}, // the definition names the sender
      row{request("FILE01", "HOST1"), {"HOST1"}}, row{request("FILE01", "ServerA"), {"HOST1"}},
      row{request("FILE01", "HOST2"), {"HOST2"}}, row{request("FILE09"), {"unknown-file"}}, // no sender here
      row{ping({"HOST1"}), {"HOST1"}}, row{ping({"HOST2"}), {"HOST2"}}, row{ping({"ServerC"}), {"ServerC"}},
      row{ping({"ServerA"}), {}}, // ends here
      row{ping({}), {}});
  CAPTURE(each.request.file.value_or("-"), each.request.destination, each.request.source.value_or("-"));
  CHECK(hosts_of(find_targets(server_a(), each.request)) == each.hosts);
}

TEST_CASE("a foreign host alone needs an address") {
  auto targets = find_targets(server_a(), transfer("FILE01", {"HOST1", "ServerB", "HOST2"}));
  REQUIRE(targets);
  REQUIRE(targets->size() == 3);
  CHECK_FALSE(targets->at(0).needs_address);
  CHECK_FALSE(targets->at(1).needs_address);
  CHECK(targets->at(2).needs_address);
}

TEST_CASE("an unknown file is refused by name and node") {
  auto targets = find_targets(server_a(), transfer("UNKNOWN"));
  REQUIRE_FALSE(targets);
  CHECK(targets.error().hop == "ServerA");
  CHECK_THAT(targets.error().text, Catch::Contains("UNKNOWN") && Catch::Contains("ServerA"));
}

TEST_CASE("a definition that points back to its own server is a loop") {
  auto self = server_a();
  self.transfers["FILE02"].next = {"ServerA"};
  CHECK(hosts_of(find_targets(self, transfer("FILE02"))) == names{"loop"});
  CHECK(hosts_of(find_targets(self, transfer("FILE02", {"ServerA"}))) == names{"loop"});
}

TEST_CASE("a broadcast point goes on to all of its hosts, or to those asked for alone") {
  auto self = server_a();
  self.transfers["FILE03"].next = {"HOST1", "HOST2", "HOST3"};
  CHECK(hosts_of(find_targets(self, transfer("FILE03"))) == names{"HOST1", "HOST2", "HOST3"});
  auto answer = transfer("FILE03");
  answer.only = {"HOST3"};
  CHECK(hosts_of(find_targets(self, answer)) == names{"HOST3"});
  answer.only = {"HOST9"};
  CHECK(hosts_of(find_targets(self, answer)) == names{"not-authorised"});
  answer.file = "FILE02"; // on the way to the point the route stays as defined
  CHECK(hosts_of(find_targets(self, answer)) == names{"ServerC"});
}

TEST_CASE("a registered client is dialled and told the file alone") {
  auto hops = find_hops(server_a(), {.host = "HOST1"}, {});
  REQUIRE(hops);
  REQUIRE(hops->size() == 1);
  CHECK(hops->front().by == chosen_by::registered);
  CHECK(hops->front().tell.empty());
  CHECK(hops->front().address == ip("127.1.1.11"));
}

TEST_CASE("own host definitions decide the address of clients and neighbours") {
  auto self = server_a();
  self.hosts["HOST1"] = ip("127.1.1.99");
  self.hosts["ServerB"] = ip("127.9.9.9");
  CHECK(find_hops(self, {.host = "HOST1"}, {})->front().address == ip("127.1.1.99"));
  CHECK(find_hops(self, {.host = "ServerB"}, {})->front().address == ip("127.9.9.9"));
  CHECK(addresses_to_dial(*where_to_dial(self, "HOST1"), {}) == endpoints{at("127.1.1.99:30000")});
  CHECK(addresses_to_dial(*where_to_dial(self, "ServerB"), {}) == endpoints{at("127.9.9.9:40000")});
  self.system_resolver = true;
  CHECK_FALSE(find_hops(self, {.host = "HOST1"}, {})->front().address);
  CHECK_FALSE(find_hops(self, {.host = "ServerB"}, {})->front().address);
  CHECK(where_to_dial(self, "ServerB")->ask == names{"ServerB"});
  CHECK(where_to_dial(self, "ServerB")->port == 40000);
}

TEST_CASE("a named server is told its name only while it is not the next hop") {
  auto self = server_a();
  self.name_routes["ServerE"] = "ServerB";
  CHECK(tried(self, {.host = "ServerB"}) == names{"ServerB route"});
  CHECK(tried(self, {.host = "ServerE"}) == names{"ServerB route ServerE"});
  CHECK_FALSE(find_hops(self, {.host = "ServerE"}, {})->front().address);
  self.hosts["ServerE"] = ip("127.1.5.1");
  CHECK_FALSE(find_hops(self, {.host = "ServerE"}, {})->front().address); // it goes by its name
  self.routes.push_back({net("127.1.5.0/24"), "ServerC", 1, true});
  CHECK(find_hops(self, {.host = "ServerE"}, {})->front().address == ip("127.1.5.1"));
}

TEST_CASE("own routes, second ways and the default route count towards a named server, too") {
  auto self = server_a();
  self.neighbours.push_back({"ServerD", at("127.1.4.1:40000"), {}, 1});
  self.name_routes = {
      {"ServerB", "ServerB"}, {"ServerC", "ServerC"}, {"ServerD", "ServerD"}, {"ServerE", "ServerB"}};
  self.other_ways = {{"ServerE", {"ServerD"}}, {"ServerB", {"ServerC"}}};
  self.hosts["ServerE"] = ip("127.1.5.1");
  CHECK(tried(self, {.host = "ServerE"}) == names{"ServerB route ServerE", "ServerD route ServerE"});
  CHECK(tried(self, {.host = "ServerB"}) == names{"ServerB route", "ServerC route ServerB"});
  self.routes.push_back({net("127.1.5.0/24"), "ServerC", 2, true});
  self.routes.push_back({net("127.1.0.0/16"), "ServerD", 1, true});
  CHECK(tried(self, {.host = "ServerE"}) ==
        names{"ServerD route ServerE", "ServerC route ServerE", "ServerB route ServerE"});
  self.routes.pop_back();
  self.default_route = "ServerD";
  self.other_ways.clear();
  CHECK(tried(self, {.host = "ServerE"}) ==
        names{"ServerC route ServerE", "ServerB route ServerE", "ServerD default ServerE"});
  CHECK(tried(self, {.host = "ServerE", .shortest_way = true}) == names{"ServerB route ServerE"});
}

TEST_CASE("a server's address is asked of the system only where own routes may go by it") {
  auto self = server_a();
  self.system_resolver = true;
  CHECK_FALSE(find_targets(self, transfer("FILE02"))->front().needs_address);
  self.routes.push_back({net("127.1.3.0/24"), "ServerB", 1, true});
  CHECK(find_targets(self, transfer("FILE02"))->front().needs_address);
  CHECK_FALSE(find_targets(self, asking(circuit_kind::management, {}, {"ServerC"}))->front().needs_address);
}

TEST_CASE("a foreign host goes by route, neighbour, default, in this order") {
  auto self = server_a();
  CHECK(tried(self, foreign("HOST2"), "127.1.2.12") == names{"ServerB route HOST2"});
  self.routes.clear();
  CHECK(tried(self, foreign("HOST2"), "127.1.2.12") == names{"ServerB neighbour HOST2"});
  self.neighbours[0].segments.clear();
  CHECK(tried(self, foreign("HOST2"), "127.1.2.12") == names{"no-route"});
  CHECK(tried(self, foreign("alias"), "127.1.2.1") ==
        names{"ServerB neighbour alias"}); // the neighbour's own address
  self.default_route = "ServerC";
  CHECK(tried(self, foreign("HOST2"), "127.1.2.12") == names{"ServerC default HOST2"});
  CHECK(tried(self, foreign("HOST2")) == names{"no-route"}); // its name did not resolve
}

TEST_CASE("routes: explicit before derived, then priority, then longer prefix; each hop once") {
  auto self = server_a();
  self.neighbours.push_back({"ServerD", at("127.1.4.1:40000"), {}, 1});
  self.name_routes["ServerD"] = "ServerD";
  self.name_routes["ServerE"] = "ServerC";
  struct row {
    std::vector<network_route> routes;
    names hops;
  };
  const auto wide = net("127.0.0.0/8"), narrow = net("127.1.9.0/24"), single = net("127.1.9.5/32");
  auto each = GENERATE_COPY(
      row{{{single, "ServerB", 0, false}, {wide, "ServerC", 9, true}},
          {"ServerC route X", "ServerB route X"}},
      row{{{narrow, "ServerB", 2, true}, {wide, "ServerC", 1, true}}, {"ServerC route X", "ServerB route X"}},
      row{{{wide, "ServerB", 1, true}, {narrow, "ServerC", 1, true}}, {"ServerC route X", "ServerB route X"}},
      row{{{wide, "ServerB", 0, false}, {narrow, "ServerC", 0, false}, {single, "ServerD", 0, false}},
          {"ServerD route X", "ServerC route X", "ServerB route X"}},
      row{{{narrow, "ServerE", 0, true}, {wide, "ServerC", 0, true}},
          {"ServerC route X"}}, // far server, same hop
      row{{{narrow, "ServerZ", 0, true}, {wide, "ServerC", 0, true}},
          {"ServerC route X"}}, // unknown: passed over
      row{{{narrow, "ServerA", 0, true}, {wide, "ServerC", 0, true}},
          {"ServerC route X"}}, // itself: passed over
      row{{{net("127.1.8.0/24"), "ServerB", 0, true}}, {"no-route"}});
  self.routes = each.routes;
  CHECK(tried(self, foreign("X"), "127.1.9.5") == each.hops);
}

TEST_CASE("no route names host, address and what was searched") {
  auto hops = find_hops(server_a(), foreign("HOST9"), ip("10.0.0.9"));
  REQUIRE_FALSE(hops);
  CHECK(hops.error().code == errc::no_route);
  for (auto part : {"HOST9", "10.0.0.9", "2 routes", "2 neighbours", "no default route"})
    CHECK_THAT(hops.error().text, Catch::Contains(part));
}

TEST_CASE("a stranger inside the own segment is not registered, whatever the routes say") {
  auto self = server_a();
  self.routes.push_back({net("127.1.1.0/24"), "ServerB", 0, true});
  auto hops = find_hops(self, foreign("HOST7"), ip("127.1.1.77"));
  REQUIRE_FALSE(hops);
  CHECK(hops.error().code == errc::not_registered);
  for (auto part : {"HOST7", "127.1.1.77", "127.1.1.0/24"})
    CHECK_THAT(hops.error().text, Catch::Contains(part));
}

TEST_CASE("a request's source is told until the server that serves it is next") {
  auto self = server_a();
  self.name_routes["ServerE"] = "ServerB";
  self.routes.push_back({net("127.1.5.0/24"), "ServerE", 0, false});
  target source{.host = "HOST2", .needs_address = true, .is_source = true};
  CHECK(tried(self, source, "127.1.2.12") == names{"ServerB route"});
  CHECK(tried(self, source, "127.1.5.12") == names{"ServerB route HOST2"});
  self.routes[0].explicit_route = true; // who serves the host is not known of an explicit route
  CHECK(tried(self, source, "127.1.2.12") == names{"ServerB route HOST2"});
}

TEST_CASE("at a client all goes to the home server, by its definition") {
  auto targets = find_targets(host_1(), transfer("FILE01", {"HOST2"}));
  REQUIRE(targets);
  REQUIRE(targets->size() == 1);
  CHECK(tried(host_1(), targets->front()) == names{"ServerA definition HOST2"});
  targets = find_targets(host_1(), transfer("FILE02"));
  CHECK(tried(host_1(), targets->front()) == names{"ServerA definition"});
  targets = find_targets(host_1(), request("FILE09", "HOST2"));
  CHECK(tried(host_1(), targets->front()) == names{"ServerA definition HOST2"});
  CHECK(hosts_of(find_targets(host_1(), asking(circuit_kind::ping, {}, {"HOST1"}))).empty());
  CHECK(addresses_to_dial(*where_to_dial(host_1(), "ServerA"), {}) == endpoints{at("127.1.1.1:40000")});
}

TEST_CASE("a client dials whom its definition names for a file or a host, and its home for all else") {
  auto self = host_1();
  self.dialled = {{"HOST5", role::client, at("127.1.1.15:30000")},
                  {"ServerC", role::server, at("127.1.3.1:40000")}};
  self.proxies = {{"HOST9", "ServerC"}};
  self.sends["FILE02"].dials = "ServerC";
  self.sends["FILE05"].dials = "HOST5";
  self.receives["FILE09"].dials = "ServerC";
  self.receives["FILE06"].dials = "HOST5";
  auto goes = [&](const open& asked) {
    auto targets = find_targets(self, asked);
    REQUIRE(targets);
    return tried(self, targets->front()).front();
  };
  CHECK(goes(transfer("FILE01", {"HOST9"})) == "ServerA definition HOST9");
  CHECK(goes(transfer("FILE02", {"HOST9"})) == "ServerC definition HOST9");
  CHECK(goes(transfer("FILE05", {"HOST5"})) == "HOST5 definition"); // told the file alone
  CHECK(goes(request("FILE09", "HOST2")) == "ServerC definition HOST2");
  CHECK(goes(request("FILE06", "HOST5")) == "HOST5 definition");
  CHECK(goes(request("FILE05", "HOST5")) == "ServerA definition HOST5"); // it sends that one
  CHECK(goes(asking(circuit_kind::ping, {}, {"HOST9"})) == "ServerC definition HOST9");
  CHECK(goes(asking(circuit_kind::ping, {}, {"HOST5"})) == "ServerA definition HOST5");
  CHECK(goes(asking(circuit_kind::management, {}, {"ServerB"})) == "ServerA definition ServerB");
  CHECK(addresses_to_dial(*where_to_dial(self, "ServerC"), {}) == endpoints{at("127.1.3.1:40000")});
  self.hosts["HOST5"] = ip("127.1.1.99");
  CHECK(addresses_to_dial(*where_to_dial(self, "HOST5"), {}) == endpoints{at("127.1.1.99:30000")});
}

TEST_CASE("nobody is dialled who is not in the tables") {
  CHECK_FALSE(where_to_dial(server_a(), "HOST2"));
  CHECK_FALSE(where_to_dial(server_a(), "ServerA"));
  CHECK_FALSE(where_to_dial(host_1(), "ServerB"));
  CHECK_FALSE(where_to_dial(host_1(), ""));
}

TEST_CASE("a client and a manager ask the system for their home server alone, and dial its port") {
  auto self = GENERATE(host_1(), manager());
  self.system_resolver = true;
  auto each =
      GENERATE(transfer("FILE01", {"HOST2"}), request("FILE09", "HOST2"),
               asking(circuit_kind::ping, {}, {"HOST9"}), asking(circuit_kind::management, {}, {"ServerC"}));
  auto ways = find_ways(self, each);
  REQUIRE(ways);
  REQUIRE(ways->size() == 1);
  REQUIRE(ways->front().hops); // none has to be asked for first: whose home it is stands in the definition
  const auto& hops = *ways->front().hops;
  REQUIRE(hops);
  REQUIRE(hops->size() == 1);
  CHECK(hops->front().hop == "ServerA");
  CHECK(hops->front().by == chosen_by::definition);
  CHECK_FALSE(hops->front().address);
  auto dial = where_to_dial(self, "ServerA");
  REQUIRE(dial);
  CHECK(dial->ask == names{"ServerA"});
  CHECK(addresses_to_dial(*dial, {{"ServerA", std::vector{ip("127.9.9.9")}}}) ==
        endpoints{at("127.9.9.9:40000")});
  CHECK(addresses_to_dial(*dial, {{"ServerA", failure{errc::no_route, {}, "unknown"}}}) ==
        endpoints{at("127.1.1.1:40000")});
  CHECK(addresses_to_dial(*dial, {}) == endpoints{at("127.1.1.1:40000")});
}

TEST_CASE("what the system says of a name counts only where the definition leaves it to the system") {
  auto dial = where_to_dial(host_1(), "ServerA");
  REQUIRE(dial);
  CHECK(addresses_to_dial(*dial, {{"ServerA", std::vector{ip("127.9.9.9")}}}) ==
        endpoints{at("127.1.1.1:40000")});
}

TEST_CASE("hops are found at once where the own host definitions have the address") {
  auto ways = find_ways(server_a(), transfer("FILE01", {"HOST1", "ServerB", "HOST2", "HOST9"}));
  REQUIRE(ways);
  REQUIRE(ways->size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(ways->at(i).hops);
  REQUIRE(ways->at(3).hops); // no node of its definition: there is nobody to ask
  REQUIRE_FALSE(*ways->at(3).hops);
  CHECK(ways->at(3).hops->error().code == errc::no_route);
  auto self = server_a();
  self.system_resolver = true;
  CHECK_FALSE(find_ways(self, transfer("FILE01", {"HOST2"}))->front().hops);
}
