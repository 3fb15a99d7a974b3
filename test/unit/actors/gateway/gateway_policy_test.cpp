#include "actors/gateway/gateway_policy.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

definition server_with(std::initializer_list<const char*> rules) {
  definition self;
  self.node = "ServerB";
  self.role = role::server;
  self.address = *endpoint::parse("10.1.2.1:40000");
  self.proxy.enabled = true;
  for (auto rule : rules) self.proxy.allow.push_back(*proxy_rule::parse(rule));
  gateway_definition db;
  db.name = "db";
  db.calling = "ServerA";
  db.called = "ServerB";
  db.deliver = *endpoint::parse("127.1.2.50:5432");
  self.proxy.gateways = {db};
  return self;
}

bool allowed(const definition& self, const char* where) {
  return !may_connect(self, *endpoint::parse(where));
}

mux_target named(const char* name) { return {mux_target::by::gateway, name}; }

mux_reason refusal(const delivery& what) { return std::get<mux_refusal>(what).reason; }

} // namespace

TEST_CASE("nothing may be named by an application unless it is listed", "[gateway_policy]") {
  CHECK_FALSE(allowed(server_with({}), "10.2.0.7:5432"));
  auto self = server_with({"10.2.0.0/16:5432", "10.3.0.9:8000-8100"});
  CHECK(allowed(self, "10.2.0.7:5432"));
  CHECK_FALSE(allowed(self, "10.2.0.7:5433"));
  CHECK_FALSE(allowed(self, "10.4.0.7:5432"));
  CHECK(allowed(self, "10.3.0.9:8100"));
  CHECK_FALSE(allowed(self, "10.3.0.9:8101"));
}

TEST_CASE("what is special to the machine needs a rule for itself", "[gateway_policy]") {
  auto wide = server_with({"0.0.0.0/0:1-65535", "::/0:1-65535"});
  for (auto where : {"127.0.0.1:80", "169.254.169.254:80", "0.0.0.0:80", "224.0.0.1:80", "10.1.2.1:40000",
                     "[::1]:80", "[fe80::1]:80", "[::ffff:127.0.0.1]:80", "[::]:80"}) {
    INFO(where);
    CHECK_FALSE(allowed(wide, where));
  }
  endpoint mapped{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, true}, 80};
  CHECK(may_connect(wide, mapped));
  mapped.address.octets[12] = 10;
  CHECK_FALSE(may_connect(wide, mapped));
  auto found = may_deliver(wide, "ServerA", false, {mux_target::by::address, {}, mapped});
  REQUIRE(std::holds_alternative<endpoint>(found));
  CHECK(to_string(std::get<endpoint>(found)) == "10.0.0.1:80");
  CHECK(allowed(wide, "10.9.9.9:80"));
  CHECK(allowed(wide, "[2001:db8::1]:80"));
  auto listed = server_with({"127.0.0.1:80", "10.1.2.1:22", "169.254.0.0/16:80"});
  CHECK(allowed(listed, "127.0.0.1:80"));
  CHECK(allowed(listed, "10.1.2.1:22"));
  CHECK(allowed(listed, "169.254.169.254:80"));
  CHECK_FALSE(allowed(listed, "10.1.2.1:40000"));
}

TEST_CASE("a gateway's own destination needs no rule, and only its calling side may ask",
          "[gateway_policy]") {
  auto self = server_with({});
  auto found = may_deliver(self, "ServerA", false, named("db"));
  REQUIRE(std::holds_alternative<endpoint>(found));
  CHECK(to_string(std::get<endpoint>(found)) == "127.1.2.50:5432");
  CHECK(refusal(may_deliver(self, "ServerC", false, named("db"))) == mux_reason::unknown);
  CHECK(refusal(may_deliver(self, "ServerA", true, named("db"))) == mux_reason::unknown);
  CHECK(refusal(may_deliver(self, "ServerA", false, named("dc"))) == mux_reason::unknown);
  auto last = named("db");
  last.hops_left = 0;
  CHECK(refusal(may_deliver(self, "ServerA", false, last)) == mux_reason::loop);
  self.proxy.enabled = false;
  CHECK(refusal(may_deliver(self, "ServerA", false, named("db"))) == mux_reason::not_allowed);
}

TEST_CASE("the gateway for a destination is the server of its segment", "[gateway_policy]") {
  auto self = server_with({});
  self.routes = {{*ip_network::parse("10.9.0.0/16"), "ServerX", 0, true},
                 {*ip_network::parse("10.3.0.0/16"), "ServerC", 0, false}};
  auto at = [](const char* where) {
    return mux_target{mux_target::by::address, {}, *endpoint::parse(where)};
  };
  CHECK(called_for(self, at("10.3.0.9:80")) == "ServerC");
  CHECK(called_for(self, at("10.9.0.9:80")).empty()); // a route of its own says nothing of gateways
  self.proxy.called = "ServerD";
  CHECK(called_for(self, at("10.9.0.9:80")) == "ServerD");
  CHECK(called_for(self, {mux_target::by::host, "www"}) == "ServerD");
}
