#include "actors/routing/way_plan.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

definition_ptr shared(definition self) { return std::make_shared<const definition>(std::move(self)); }

open ping(const char* host) { return asking(circuit_kind::ping, {}, {host}); }

} // namespace

TEST_CASE("who may not ask gets no plan") {
  auto plan = plan_asked(shared(server_a()), "HOST1", role::client, transfer("FILE09"));
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == errc::not_authorised);
  CHECK(plan.error().hop == "ServerA");
}

TEST_CASE("what the rules refuse later on is in the plan") {
  auto plan = plan_asked(shared(server_a()), "ServerB", role::server, transfer("UNKNOWN"));
  REQUIRE(plan);
  REQUIRE_FALSE(plan->ways);
  CHECK(plan->ways.error().code == errc::unknown_file);
  CHECK_FALSE(plan->ends_here());
  CHECK_FALSE(plan->parts);
}

TEST_CASE("who is asked: where a circuit ends, goes on, and parts") {
  enum class course { ends, goes_on, parts };
  auto keeper = server_a();
  keeper.transfers["FILE01"].policy.store = store_policy::when_unreachable;
  struct row {
    definition self;
    const char* peer;
    role peer_role;
    open request;
    course expected;
  };
  auto each = GENERATE_COPY(
      row{server_a(), "HOST1", role::client, transfer("FILE01"), course::goes_on},
      row{server_a(), "ServerB", role::server, transfer("FILE01", {"HOST1", "HOST2"}), course::parts},
      row{server_a(), "ServerB", role::server, transfer("FILE01", {"HOST1", "HOST9"}), course::parts},
      row{keeper, "HOST1", role::client, transfer("FILE01"), course::parts}, // one receiver, but a store
      row{keeper, "HOST1", role::client, ping("HOST2"), course::goes_on},
      row{server_a(), "HOST1", role::client, ping("ServerA"), course::ends},
      row{server_a(), "ServerC", role::server, asking(circuit_kind::gateway, {}, {"ServerA"}), course::ends},
      row{server_a(), "ServerC", role::server, asking(circuit_kind::gateway, {}, {"ServerB"}),
          course::goes_on},
      row{server_a(), "MGR", role::manager, asking(circuit_kind::management, {}, {"ServerA"}), course::ends},
      row{server_a(), "MGR", role::manager, asking(circuit_kind::management, {}, {"ServerC"}),
          course::goes_on},
      row{server_a(), "ServerB", role::server, request("FILE01"), course::goes_on},
      row{host_1(), "ServerA", role::server, transfer("FILE09"), course::ends},
      row{host_1(), "ServerA", role::server, request("FILE01"), course::ends},
      row{host_1(), "ServerA", role::server, ping("HOST1"), course::ends},
      row{manager(), "ServerA", role::server, ping("MGR"), course::ends});
  CAPTURE(each.self.node, each.peer, each.request.file.value_or("-"), each.request.destination);
  auto plan = plan_asked(shared(each.self), each.peer, each.peer_role, each.request);
  REQUIRE(plan);
  REQUIRE(plan->ways);
  auto found = plan->parts ? course::parts : plan->ends_here() ? course::ends : course::goes_on;
  CHECK(found == each.expected);
  CHECK(bool(plan->store) == (each.self.node == "ServerA" && each.request.file == "FILE01" &&
                              each.self.transfers.at("FILE01").policy.store != store_policy::never));
}

TEST_CASE("at the client or manager where it begins a circuit goes on to the home server") {
  auto self = GENERATE(host_1(), manager());
  auto plan = plan_origin(shared(self), ping("HOST2"));
  REQUIRE(plan.ways);
  REQUIRE(plan.ways->size() == 1);
  CHECK(plan.ways->front().wanted.host == "ServerA");
  CHECK_FALSE(plan.parts);
  CHECK(plan.unknown_hosts().empty());
  CHECK(plan_origin(shared(self), ping(self.node.c_str())).ends_here());
}

TEST_CASE("a plan lacks the hops towards hosts that only the system knows, until it has answered") {
  auto self = server_a();
  self.system_resolver = true;
  self.hosts["HOST8"] = self.hosts["HOST9"] = ip("127.1.2.8"); // what the file says of them does not count
  auto plan = plan_origin(shared(self), transfer("FILE01", {"HOST1", "HOST8", "HOST9"}));
  REQUIRE(plan.ways);
  CHECK(plan.unknown_hosts() == std::set<std::string>{"HOST8", "HOST9"});
  plan.add_hops({{"HOST8", std::vector{ip("127.1.3.8")}}, {"HOST1", std::vector{ip("127.1.3.2")}}});
  CHECK(plan.unknown_hosts().empty());
  CHECK((**plan.ways->at(0).hops).front().hop == "HOST1"); // its own tables had said it
  CHECK((**plan.ways->at(1).hops).front().hop == "ServerC");
  REQUIRE_FALSE(*plan.ways->at(2).hops);
  const auto& why = plan.ways->at(2).hops->error();
  CHECK(why.code == errc::no_route);
  CHECK(why.hop == "ServerA");
  CHECK_THAT(why.text, Catch::Contains("HOST9") && Catch::Contains("system resolver"));
}

TEST_CASE("nobody is asked for a name that the node's own definition does not have") {
  auto self = server_a();
  self.system_resolver = GENERATE(false, true);
  auto plan = plan_origin(shared(self), asking(circuit_kind::ping, {}, {"exfiltrated.secret.example"}));
  REQUIRE(plan.ways);
  CHECK(plan.unknown_hosts().empty());
  REQUIRE_FALSE(*plan.ways->front().hops);
  const auto& why = plan.ways->front().hops->error();
  CHECK(why.code == errc::no_route);
  CHECK_THAT(why.text, Catch::Contains("exfiltrated.secret.example") && Catch::Contains("ServerA"));
}

TEST_CASE("a plan keeps the definition that it was made from") {
  auto before = shared(server_a());
  auto plan = plan_origin(before, transfer("FILE01"));
  CHECK(plan.self == before);
  auto keeper = server_a();
  keeper.transfers["FILE01"].policy.store = store_policy::always;
  before = shared(keeper);
  plan = plan_origin(before, transfer("FILE01"));
  CHECK(plan.store == &before->transfers.at("FILE01"));
}

TEST_CASE("who asked is not asked back where another hop is left") {
  auto self = server_a();
  self.name_routes["ServerD"] = "ServerB";
  auto hops_for = [&](const char* peer, role peer_role = role::server) {
    auto plan = plan_asked(shared(self), peer, peer_role, ping("ServerD"));
    std::vector<std::string> hops;
    for (const auto& hop : **plan->ways->front().hops) hops.push_back(hop.hop);
    return hops;
  };
  CHECK(hops_for("ServerB") == std::vector<std::string>{"ServerB"}); // so that the circle is what is refused
  self.other_ways["ServerD"] = {"ServerC"};
  CHECK(hops_for("ServerB") == std::vector<std::string>{"ServerC"});
  CHECK(hops_for("ServerC") == std::vector<std::string>{"ServerB"});
  CHECK(hops_for("HOST1", role::client) == std::vector<std::string>{"ServerB", "ServerC"});
}

namespace {

/// ServerA, with two ways to each other server, and HOST3 behind ServerC.
definition with_other_ways() {
  auto self = server_a();
  self.hosts["HOST3"] = ip("127.1.3.13");
  self.neighbours.push_back({"ServerD", at("127.1.4.1:40000"), {net("127.1.4.0/24")}, 1});
  self.name_routes = {{"ServerB", "ServerB"}, {"ServerC", "ServerB"}, {"ServerD", "ServerD"}};
  self.other_ways = {{"ServerB", {"ServerC"}}, {"ServerC", {"ServerD"}}};
  return self;
}

way_plan asked_by(const definition& self, const char* peer, role peer_role, const open& request) {
  auto plan = plan_asked(shared(self), peer, peer_role, request);
  REQUIRE(plan);
  return *plan;
}

} // namespace

TEST_CASE("names that were told together part where their common hop fails") {
  auto self = with_other_ways();
  const auto both = transfer("FILE01", {"HOST2", "HOST3"});
  auto plan = asked_by(self, "ServerD", role::server, both);
  CHECK_FALSE(plan.parts);
  auto rest = plan_rest(plan, both);
  REQUIRE(rest);
  CHECK(rest->plan.parts);
  CHECK(rest->plan.tried == std::set<std::string>{"ServerB"});
  CHECK(rest->request.destination == both.destination);
  CHECK_FALSE(plan_rest(rest->plan, both)); // once

  self.other_ways.clear();
  CHECK_FALSE(plan_rest(asked_by(self, "ServerD", role::server, both), both)); // none has another hop
  const auto one = transfer("FILE01", {"HOST2"});
  CHECK_FALSE(plan_rest(asked_by(with_other_ways(), "ServerD", role::server, one), one));
}

TEST_CASE("the sender's home server asks for the receivers where their point can't be had") {
  auto self = with_other_ways();
  self.transfers["FILE03"].instead = {"HOST2", "HOST3"};
  const auto told = transfer("FILE03", {"ServerB"});
  auto rest = plan_rest(asked_by(self, "HOST1", role::client, told), told);
  REQUIRE(rest);
  CHECK(rest->plan.parts);
  REQUIRE(rest->plan.ways);
  CHECK(rest->plan.ways->size() == 2);
  CHECK(rest->request.destination == std::vector<std::string>{"ServerA"});
  CHECK_FALSE(rest->plan.store);

  auto only = told;
  only.only = {"HOST3"};
  rest = plan_rest(asked_by(self, "HOST1", role::client, only), only);
  REQUIRE(rest);
  CHECK_FALSE(rest->plan.parts); // to a single one there is no point
  CHECK(rest->request.destination == std::vector<std::string>{"HOST3"});

  // Who comes from another server has other ways around this one.
  CHECK_FALSE(plan_rest(asked_by(self, "ServerC", role::server, told), told));
  self.transfers["FILE03"].policy.store = store_policy::always;
  rest = plan_rest(asked_by(self, "HOST1", role::client, told), told);
  REQUIRE(rest);
  CHECK(rest->plan.store);
}

TEST_CASE("what the own definition names may lie behind the node that asks") {
  auto self = with_other_ways();
  self.transfers["FILE03"].next = {"HOST2"};
  auto first_hop = [&](const char* peer, const open& request) {
    return (**asked_by(self, peer, role::server, request).ways->front().hops).front().hop;
  };
  CHECK(first_hop("ServerB", transfer("FILE03")) == "ServerB");
  CHECK(first_hop("ServerB", transfer("FILE03", {"HOST2"})) == "ServerC");
}

TEST_CASE("ways part by the hops that are left, without the node that asks") {
  auto self = with_other_ways();
  CHECK(asked_by(self, "ServerB", role::server, transfer("FILE01", {"HOST2", "HOST3"})).parts);
}
