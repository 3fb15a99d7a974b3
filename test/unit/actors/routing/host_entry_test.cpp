#include "actors/routing/hop_choice.hpp"
#include "actors/routing/way_plan.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

using names = std::vector<std::string>;

dial_address host_named(const char* text) { return *dial_address::parse_host(text); }

struct entry_row {
  const char* in_table; ///< ServerB's address
  const char* in_hosts; ///< the own row of it, or nothing
  bool by_system;
  names ask;
  const char* known; ///< by the definition alone
  std::uint16_t port = 40000;
};

} // namespace

TEST_CASE("what own host definitions say of a neighbour") {
  auto each =
      GENERATE(entry_row{"127.1.2.1:40000", nullptr, false, {}, "127.1.2.1"},
               entry_row{"127.1.2.1:40000", "10.9.9.9", false, {}, "10.9.9.9"},
               entry_row{"127.1.2.1:40000", "10.9.9.9:41000", false, {}, "10.9.9.9", 41000},
               entry_row{"127.1.2.1:40000", "hub-b.inner", false, {"hub-b.inner"}, nullptr},
               entry_row{"hub-b.example:40000", nullptr, false, {"hub-b.example"}, nullptr},
               entry_row{"hub-b.example:40000", "10.9.9.9", false, {}, "10.9.9.9"},
               entry_row{"hub-b.example:40000", "hub-b.inner:41000", false, {"hub-b.inner"}, nullptr, 41000},
               entry_row{"127.1.2.1:40000", nullptr, true, {"ServerB"}, "127.1.2.1"},
               entry_row{"hub-b.example:40000", nullptr, true, {"ServerB", "hub-b.example"}, nullptr},
               entry_row{"127.1.2.1:40000", "10.9.9.9", true, {"ServerB"}, "127.1.2.1"});
  auto self = server_a();
  self.system_resolver = each.by_system;
  self.neighbours[0].address = *dial_address::parse(each.in_table);
  self.hosts.erase("ServerB");
  if (each.in_hosts) self.hosts["ServerB"] = host_named(each.in_hosts);
  CAPTURE(each.in_table, each.by_system, each.ask);
  auto entry = where_to_dial(self, "ServerB");
  REQUIRE(entry);
  CHECK(entry->ask == each.ask);
  CHECK(entry->port == each.port);
  CHECK(entry->address == (each.known ? std::optional{ip(each.known)} : std::nullopt));
}

TEST_CASE("all addresses that the system knows are dialled, those of the best name") {
  auto self = server_a();
  self.system_resolver = true;
  self.neighbours[0].address = *dial_address::parse("hub-b.example:40000");
  auto entry = *where_to_dial(self, "ServerB");
  const auto two = std::vector{ip("10.0.0.1"), ip("::1")};
  CHECK(addresses_to_dial(entry, {{"hub-b.example", two}}) ==
        endpoints{at("10.0.0.1:40000"), at("[::1]:40000")});
  CHECK(addresses_to_dial(entry, {{"hub-b.example", two}, {"ServerB", std::vector{ip("10.0.0.9")}}}) ==
        endpoints{at("10.0.0.9:40000")});
  system_answers none{{"ServerB", failure{errc::no_route, {}, "R has no address of ServerB"}},
                      {"hub-b.example", failure{errc::no_route, {}, "R has no address of hub-b.example"}}};
  CHECK(addresses_to_dial(entry, none).empty());
  auto why = unresolved(self, "ServerB", entry, none);
  CHECK(why.code == errc::line_down);
  CHECK(why.hop == "ServerA");
  CHECK(why.text == "ServerB: R has no address of hub-b.example");
}

TEST_CASE("a host whose address is a name goes by its own route, whatever the look-up says") {
  auto self = server_a();
  self.hosts["HOST2"] = host_named("host2.example");
  self.routes.push_back({.network = {}, .via = "ServerC", .host = "HOST2"});
  auto plan = plan_origin(std::make_shared<const definition>(self), transfer("FILE01", {"HOST2"}));
  REQUIRE(plan.ways);
  CHECK(plan.unknown_hosts() == std::set<std::string>{"host2.example"});
  SECTION("an address in a segment says more") {
    plan.add_hops({{"host2.example", std::vector{ip("127.1.2.12"), ip("10.0.0.9")}}});
    const auto& hops = **plan.ways->front().hops;
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].hop == "ServerB");
    CHECK(hops[0].address == ip("127.1.2.12"));
    CHECK(hops[1].hop == "ServerC");
  }
  SECTION("one that lies nowhere") {
    plan.add_hops({{"host2.example", std::vector{ip("10.0.0.9")}}});
    const auto& hops = **plan.ways->front().hops;
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].hop == "ServerC");
    CHECK(hops[0].tell == names{"HOST2"});
  }
  SECTION("a name server that is silent") {
    plan.add_hops({{"host2.example", failure{errc::timed_out, {}, "R gives no answer"}}});
    CHECK((**plan.ways->front().hops).front().hop == "ServerC");
  }
}

TEST_CASE("a host with several addresses is sought by each of them") {
  auto self = server_a();
  auto hops = find_all_hops(self, {.host = "HOST9", .needs_address = true},
                            {ip("10.0.0.9"), ip("127.1.3.9"), ip("127.1.2.9")});
  REQUIRE(hops);
  REQUIRE(hops->size() == 2);
  CHECK(hops->at(0).hop == "ServerC");
  CHECK(hops->at(1).hop == "ServerB");
  hops = find_all_hops(self, {.host = "HOST9", .needs_address = true}, {ip("10.0.0.9"), ip("10.0.0.8")});
  REQUIRE_FALSE(hops);
  CHECK(hops.error().code == errc::no_route);
}

TEST_CASE("a client that dials out needs no address") {
  auto self = server_a();
  self.clients[0].address = *dial_address::parse("nowhere.example:30000");
  self.clients[0].dials_out = true;
  auto plan =
      plan_origin(std::make_shared<const definition>(self), asking(circuit_kind::ping, {}, {"HOST1"}));
  auto choices = find_choices(plan, {});
  REQUIRE(choices);
  CHECK_FALSE(choices->targets.front().front().unresolved);
  self.clients[0].dials_out = false;
  plan = plan_origin(std::make_shared<const definition>(self), asking(circuit_kind::ping, {}, {"HOST1"}));
  choices = find_choices(plan, {});
  REQUIRE(choices);
  CHECK(choices->targets.front().front().unresolved);
}
