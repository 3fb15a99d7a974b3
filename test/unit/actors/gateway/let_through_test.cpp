#include "actors/gateway/let_through.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

definition gateway_between(const char* node) {
  definition self;
  self.node = node;
  self.role = role::server;
  self.address = *endpoint::parse("10.1.2.1:40000");
  self.name_routes = {{"ServerA", "ServerA"}, {"ServerB", "ServerB"}, {"ServerC", "ServerC"}};
  self.proxy.enabled = true;
  self.proxy.allow = {*proxy_rule::parse("10.2.0.0/16:5432")};
  self.proxy.socks = endpoint::parse("10.1.2.1:1080");
  gateway_definition db;
  db.name = "db";
  db.calling = "ServerA";
  db.called = "ServerB";
  db.deliver = *endpoint::parse("127.1.2.50:5432");
  self.proxy.gateways = {db};
  return self;
}

const mux_target by_name{mux_target::by::gateway, "db"};
const mux_target by_address{.kind = mux_target::by::address, .name = {}, .where = *endpoint::parse("10.2.0.7:5432")};
const let_through called_db{.peer = "ServerA", .calling = false, .target = by_name, .destination = *endpoint::parse("127.1.2.50:5432")};
const let_through called_address{.peer = "ServerC", .calling = false, .target = by_address, .destination = *endpoint::parse("10.2.0.7:5432")};
const let_through calling_db{"db", "ServerB", true, false, by_name};
const let_through calling_socks{"socks", "ServerC", true, false, by_address};

using change = void (*)(definition&);
const change nothing = [](definition&) {};
const change proxy_off = [](definition& self) { self.proxy.enabled = false; };
const change no_pair = [](definition& self) { self.proxy.gateways.clear(); };
const change other_destination = [](definition& self) {
  self.proxy.gateways[0].deliver = *endpoint::parse("127.1.2.51:5432");
};
const change other_calling = [](definition& self) { self.proxy.gateways[0].calling = "ServerC"; };
const change other_called = [](definition& self) { self.proxy.gateways[0].called = "ServerC"; };
const change as_datagrams = [](definition& self) { self.proxy.gateways[0].udp = true; };
const change nothing_allowed = [](definition& self) { self.proxy.allow.clear(); };
const change no_socks = [](definition& self) { self.proxy.socks.reset(); };
const change without_c = [](definition& self) { self.name_routes.erase("ServerC"); };
const change without_a = [](definition& self) { self.name_routes.erase("ServerA"); };
const change longer_way = [](definition& self) { self.name_routes["ServerC"] = "ServerA"; };

} // namespace

TEST_CASE("what was let through is judged by the definition in force", "[gateway_policy]") {
  struct row {
    const char* node;
    let_through what;
    change by;
    bool stays;
  };
  auto each = GENERATE(
      row{"ServerB", called_db, nothing, true}, row{"ServerB", called_db, proxy_off, false},
      row{"ServerB", called_db, no_pair, false}, row{"ServerB", called_db, other_destination, false},
      row{"ServerB", called_db, other_calling, false}, row{"ServerB", called_db, as_datagrams, false},
      row{"ServerB", called_db, nothing_allowed, true}, row{"ServerB", called_db, without_a, false},
      row{"ServerB", called_db, without_c, true}, row{"ServerB", called_address, nothing, true},
      row{"ServerB", called_address, nothing_allowed, false}, row{"ServerB", called_address, no_pair, true},
      row{"ServerB", called_address, without_c, false}, row{"ServerB", called_address, longer_way, true},
      row{"ServerA", calling_db, nothing, true}, row{"ServerA", calling_db, proxy_off, false},
      row{"ServerA", calling_db, no_pair, false}, row{"ServerA", calling_db, other_called, false},
      row{"ServerA", calling_db, as_datagrams, false}, row{"ServerA", calling_db, other_destination, true},
      row{"ServerA", calling_db, no_socks, true}, row{"ServerA", calling_socks, nothing, true},
      row{"ServerA", calling_socks, no_socks, false}, row{"ServerA", calling_socks, no_pair, true},
      row{"ServerA", calling_socks, without_c, false});
  auto self = gateway_between(each.node);
  each.by(self);
  CAPTURE(each.node, each.what.entry, each.what.peer, to_string(each.what.target));
  CHECK(is_still_let_through(self, each.what, [](const ip_address&) { return false; }) == each.stays);
}
