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

/// The machine of these tests has an interface with two addresses; of its network the last is for everybody.
bool is_of_machine(const ip_address& address) {
  auto text = to_string(address);
  return text == "10.1.2.1" || text == "192.168.7.1" || text == "192.168.7.255" || text == "2001:db8::7";
}

std::optional<mux_refusal> judge(const definition& self, const char* where) {
  return may_connect(self, *endpoint::parse(where), is_of_machine);
}
bool allowed(const definition& self, const char* where) { return !judge(self, where); }

delivery deliver(const definition& self, const std::string& peer, bool udp, const mux_target& target) {
  return may_deliver(self, peer, udp, target, is_of_machine);
}

mux_target named(const char* name) { return {mux_target::by::gateway, name}; }

mux_reason reason_of(const delivery& what) { return std::get<mux_refusal>(what).reason; }

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

TEST_CASE("a wide rule means no address of the machine itself, however it is spelt", "[gateway_policy]") {
  auto wide = server_with({"0.0.0.0/0:1-65535", "::/0:1-65535", "10.0.0.0/8:1-65535", "192.168.0.0/16:80",
                           "192.168.7.0/24:80", "192.168.7.0/31:80", "2001:db8::/32:80", "64:ff9b::/96:80"});
  for (auto where : {"127.0.0.1:80",
                     "127.1.2.50:80",
                     "[::1]:80",
                     "[::ffff:127.0.0.1]:80", // loopback
                     "0.0.0.0:80",
                     "0.0.0.1:80",
                     "[::]:80", // leads there, too
                     "169.254.169.254:80",
                     "[fe80::1]:80",
                     "224.0.0.1:80",
                     "[ff02::1]:80", // near by
                     "10.1.2.1:40000",
                     "10.1.2.1:80", // the node's
                     "192.168.7.1:80",
                     "[2001:db8::7]:80", // an interface's
                     "192.168.7.255:80",
                     "255.255.255.255:80", // broadcast
                     "[64:ff9b::127.0.0.1]:80",
                     "[64:ff9b::192.168.7.1]:80",
                     "[64:ff9b:1::7f00:1]:80", // NAT64
                     "[2002:7f00:1::1]:80",
                     "[2002:c0a8:701::1]:80",
                     "[2002:a01:201::]:80", // 6to4
                     "[2001:0:102:304:0:1:80ff:fffe]:80",
                     "[2001:db8:9::5efe:127.0.0.1]:80", // Teredo, ISATAP
                     "[::127.0.0.1]:80",
                     "[::ffff:0:127.0.0.1]:80"}) {
    CAPTURE(where);
    auto no = judge(wide, where);
    REQUIRE(no);
    CHECK(no->reason == mux_reason::not_allowed);
    CHECK(no->text.find("is not in proxy.allow of ServerB by itself") != std::string::npos);
  }
  for (auto where : {"10.9.9.9:80", "192.168.8.1:80", "192.168.7.2:80", "[2001:db8::1]:80",
                     "[64:ff9b::8.8.8.8]:80", "[2002:808:808::1]:80"}) {
    CAPTURE(where);
    CHECK(allowed(wide, where));
  }
}

TEST_CASE("bytes of IPv4 in IPv6 are judged and used as IPv4", "[gateway_policy]") {
  auto wide = server_with({"0.0.0.0/0:1-65535", "::/0:1-65535"});
  endpoint mapped{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, true}, 80};
  CHECK(may_connect(wide, mapped, is_of_machine));
  mapped.address.octets[12] = 10;
  CHECK_FALSE(may_connect(wide, mapped, is_of_machine));
  auto found = deliver(wide, "ServerA", false, {.kind = mux_target::by::address, .name = {}, .where = mapped});
  REQUIRE(std::holds_alternative<dial_address>(found));
  CHECK(to_string(std::get<dial_address>(found)) == "10.0.0.1:80");
  wide.routes = {{*ip_network::parse("10.0.0.0/16"), "ServerC", 0, false}};
  CHECK(called_for(wide, {.kind = mux_target::by::address, .name = {}, .where = mapped}) == "ServerC");
}

TEST_CASE("a rule that names such an address, or its special network, means it", "[gateway_policy]") {
  auto listed =
      server_with({"127.0.0.1:80", "127.1.0.0/16:80", "10.1.2.1:22", "169.254.0.0/16:80", "192.168.7.1:80",
                   "[2001:db8::7]:443", "[64:ff9b::127.0.0.1]:80", "224.0.0.251:5353", "0.0.0.0/0:1-65535"});
  for (auto where :
       {"127.0.0.1:80", "127.1.2.50:80", "10.1.2.1:22", "169.254.169.254:80", "192.168.7.1:80",
        "[2001:db8::7]:443", "[64:ff9b::127.0.0.1]:80", "224.0.0.251:5353", "[::ffff:127.0.0.1]:80"}) {
    CAPTURE(where);
    CHECK(allowed(listed, where));
  }
  for (auto where : {"127.0.0.1:81", "127.2.0.1:80", "10.1.2.1:40000", "192.168.7.1:81", "[2001:db8::7]:80",
                     "[64:ff9b::127.0.0.2]:80", "224.0.0.252:5353"}) {
    CAPTURE(where);
    CHECK_FALSE(allowed(listed, where));
  }
  CHECK(allowed(server_with({"127.0.0.0/8:80"}), "127.0.0.1:80")); // loopback is named, and wholly
  CHECK_FALSE(allowed(server_with({"126.0.0.0/7:80"}), "127.0.0.1:80"));
}

TEST_CASE("a listener of this gateway needs a rule of its own, on loopback too", "[gateway_policy]") {
  auto self = server_with({"127.0.0.0/8:1-65535"});
  gateway_definition out, dns;
  out.name = "out";
  out.calling = "ServerB";
  out.called = "ServerA";
  out.listen = *endpoint::parse("127.1.2.1:15432");
  dns = out;
  dns.name = "dns";
  dns.udp = true;
  dns.listen = *endpoint::parse("127.1.2.1:53");
  self.proxy.gateways = {out, dns};
  self.proxy.socks = *endpoint::parse("127.1.2.1:1080");
  self.proxy.redirect = *endpoint::parse("127.1.2.1:1081");
  for (auto where : {"127.1.2.1:15432", "127.1.2.1:53", "127.1.2.1:1080", "127.1.2.1:1081"}) {
    CAPTURE(where);
    CHECK_FALSE(allowed(self, where));
    auto one = self;
    one.proxy.allow.push_back(*proxy_rule::parse("127.1.2.1:1-65535"));
    CHECK(allowed(one, where));
  }
  CHECK(allowed(self, "127.1.2.1:80"));
}

TEST_CASE("a name is looked up only where a rule could allow what it leads to", "[gateway_policy]") {
  auto at = [](std::uint16_t port) {
    return mux_target{.kind = mux_target::by::host, .name = "secret.attacker.example", .where = {{}, port}};
  };
  auto refused = [&](const definition& self, std::uint16_t port) {
    auto no = may_look_up(self, at(port));
    return no && no->reason == mux_reason::not_allowed;
  };
  CHECK(refused(server_with({}), 80));
  auto self = server_with({"10.2.0.0/16:5432", "10.3.0.9:8000-8100"});
  CHECK(refused(self, 80));
  CHECK(refused(self, 8101));
  CHECK(refused(self, 0));
  CHECK_FALSE(may_look_up(self, at(5432)));
  CHECK_FALSE(may_look_up(self, at(8050)));
  auto last = at(5432);
  last.hops_left = 0;
  CHECK(may_look_up(self, last)->reason == mux_reason::loop);
  self.proxy.enabled = false;
  CHECK(refused(self, 5432));
}

TEST_CASE("a gateway's own destination needs no rule, and only its calling side may ask",
          "[gateway_policy]") {
  auto self = server_with({});
  auto found = deliver(self, "ServerA", false, named("db"));
  REQUIRE(std::holds_alternative<dial_address>(found));
  CHECK(to_string(std::get<dial_address>(found)) == "127.1.2.50:5432");
  CHECK(reason_of(deliver(self, "ServerC", false, named("db"))) == mux_reason::unknown);
  CHECK(reason_of(deliver(self, "ServerA", true, named("db"))) == mux_reason::unknown);
  CHECK(reason_of(deliver(self, "ServerA", false, named("dc"))) == mux_reason::unknown);
  auto last = named("db");
  last.hops_left = 0;
  CHECK(reason_of(deliver(self, "ServerA", false, last)) == mux_reason::loop);
  self.proxy.enabled = false;
  CHECK(reason_of(deliver(self, "ServerA", false, named("db"))) == mux_reason::not_allowed);
}

TEST_CASE("the gateway for a destination is the server of its segment", "[gateway_policy]") {
  auto self = server_with({});
  self.routes = {{*ip_network::parse("10.9.0.0/16"), "ServerX", 0, true},
                 {*ip_network::parse("10.3.0.0/16"), "ServerC", 0, false}};
  auto at = [](const char* where) {
    return mux_target{.kind = mux_target::by::address, .name = {}, .where = *endpoint::parse(where)};
  };
  CHECK(called_for(self, at("10.3.0.9:80")) == "ServerC");
  CHECK(called_for(self, at("10.9.0.9:80")).empty()); // a route of its own says nothing of gateways
  self.proxy.called = "ServerD";
  CHECK(called_for(self, at("10.9.0.9:80")) == "ServerD");
  CHECK(called_for(self, {mux_target::by::host, "www"}) == "ServerD");
}

TEST_CASE("what lies in the server's own segment it serves itself", "[gateway_policy]") {
  auto self = server_with({});
  self.segments = {*ip_network::parse("10.1.2.0/24")};
  self.proxy.called = "ServerD";
  // A client of another server that stands in this segment.
  self.routes = {{*ip_network::parse("10.1.2.99/32"), "ServerC", 0, false},
                 {*ip_network::parse("10.1.0.0/16"), "ServerC", 0, false}};
  auto at = [](const char* where) {
    return mux_target{.kind = mux_target::by::address, .name = {}, .where = *endpoint::parse(where)};
  };
  CHECK(called_for(self, at("10.1.2.7:80")) == "ServerB");
  CHECK(called_for(self, at("[::ffff:10.1.2.7]:80")) == "ServerB");
  CHECK(called_for(self, at("10.1.2.99:80")) == "ServerC");
  CHECK(called_for(self, at("10.1.3.7:80")) == "ServerC");
  CHECK(called_for(self, at("10.9.0.9:80")) == "ServerD");
  CHECK(called_for(self, {mux_target::by::host, "www"}) == "ServerD");
}

TEST_CASE("the way to a host by its name is no way for destinations", "[gateway_policy]") {
  auto self = server_with({});
  self.proxy.called = "ServerD";
  self.routes = {{.network = {}, .via = "ServerC", .host = "HOST2"}};
  CHECK(called_for(self, {.kind = mux_target::by::address, .name = {}, .where = *endpoint::parse("10.9.0.9:80")}) == "ServerD");
}

TEST_CASE("a rule for loopback or a wide one means no port at which the node itself listens",
          "[gateway_policy]") {
  auto self = server_with({"127.0.0.0/8:1-65535", "10.0.0.0/8:1-65535", "192.168.7.0/24:1-65535"});
  self.listen = {*endpoint::parse("0.0.0.0:40000"), *endpoint::parse("127.9.1.1:41000")};
  CHECK(allowed(self, "127.0.0.1:80"));
  for (auto where : {"127.0.0.1:40000", "127.9.1.1:41000", "127.9.1.1:80", "192.168.7.1:40000",
                     "10.1.2.1:40000", "10.1.2.1:80"}) {
    CAPTURE(where);
    CHECK_FALSE(allowed(self, where));
  }
  CHECK(allowed(self, "10.7.7.7:40000")); // another machine's
  CHECK(allowed(self, "127.9.1.2:41000"));
  self.proxy.allow.push_back(*proxy_rule::parse("127.0.0.1:40000"));
  CHECK(allowed(self, "127.0.0.1:40000")); // named by itself
}

TEST_CASE("a node that has several addresses owns all of them", "[gateway_policy]") {
  auto self = server_with({"127.0.0.0/8:1-65535"});
  self.address = *dial_address::parse("hub-b.example:40000");
  self.listen = {*endpoint::parse("127.9.1.1:40000"), *endpoint::parse("127.9.2.1:40000")};
  CHECK_FALSE(allowed(self, "127.9.1.1:22"));
  CHECK_FALSE(allowed(self, "127.9.2.1:22"));
  CHECK(allowed(self, "127.9.3.1:22"));
}

TEST_CASE("[::] is IPv4, too", "[gateway_policy]") {
  auto self = server_with({"127.0.0.0/8:1-65535", "::1/128:1-65535"});
  self.listen = {*endpoint::parse("[::]:40000")};
  CHECK_FALSE(allowed(self, "127.0.0.1:40000"));
  CHECK(allowed(self, "127.0.0.1:40001"));
}

TEST_CASE("a gateway's own destination may be a name, which may lead anywhere", "[gateway_policy]") {
  auto self = server_with({});
  self.proxy.gateways[0].deliver = *dial_address::parse("db.plant.example:5432");
  auto where = deliver(self, "ServerA", false, named("db"));
  CHECK(std::get<dial_address>(where) == *dial_address::parse("db.plant.example:5432"));
  CHECK_FALSE(may_lead_to(self, named("db"), *endpoint::parse("127.0.0.1:5432"), is_of_machine));
  mux_target by_application{mux_target::by::host, "db.plant.example"};
  CHECK(may_lead_to(self, by_application, *endpoint::parse("127.0.0.1:5432"), is_of_machine));
}
