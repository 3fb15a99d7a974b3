#include "mux_pair.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

TEST_CASE("datagrams keep their bounds; of too many the oldest are dropped", "[mux]") {
  mux_limits limits;
  limits.datagram_queue = 200'000;
  mux_pair net{limits};
  REQUIRE(net.settle());
  mux_target target{.kind = mux_target::by::address, .name = {}, .where = *endpoint::parse("127.1.2.50:53")};
  target.reply_timeout_s = 5;
  auto flow = *net.a.link.open_flow(target);
  auto large = std::string(mux_max_datagram, 'd');
  for (auto text : {std::string{}, std::string("x"), large}) net.a.link.send_datagram(flow, as_bytes(text));
  net.a.link.send_datagram(flow, as_bytes(large + "y"));
  REQUIRE(net.settle());
  CHECK(net.b.targets[flow] == target);
  CHECK(net.b.datagrams[flow] == std::vector<std::string>{"", "x", large});
  CHECK(net.a.link.counters().datagrams_dropped == 1);
  for (char c : {'1', '2', '3', '4', '5'})
    net.a.link.send_datagram(flow, as_bytes(c + std::string(60'000, 'd')));
  REQUIRE(net.settle());
  REQUIRE(net.b.datagrams[flow].size() == 6);
  CHECK(net.b.datagrams[flow][3][0] == '3');
  net.b.link.send_datagram(flow, as_bytes("reply"));
  net.b.link.end_flow(flow, {mux_reason::no_more_replies, ""});
  REQUIRE(net.settle());
  CHECK(net.a.datagrams[flow] == std::vector<std::string>{"reply"});
  CHECK(net.a.ended_flows[flow].reason == mux_reason::no_more_replies);
}

TEST_CASE("the end of a flow does not overtake its datagrams", "[mux]") {
  mux_limits limits;
  limits.datagram_queue = 1000;
  mux_pair net{limits};
  REQUIRE(net.settle());
  auto first = *net.a.link.open_flow({mux_target::by::gateway, "db"});
  auto second = *net.a.link.open_flow({mux_target::by::gateway, "db"});
  for (int i = 0; i < 5; ++i) net.a.link.send_datagram(first, as_bytes("one"));
  net.a.link.end_flow(first, {mux_reason::no_more_replies, ""});
  for (int i = 0; i < 200; ++i) net.a.link.send_datagram(second, as_bytes("many"));
  REQUIRE(net.settle());
  CHECK(net.b.ended_flows.contains(first)); // although what came before it was dropped
  CHECK(net.b.datagrams_behind_end == 0);
  CHECK(net.b.datagrams[second].size() > 50);
}

TEST_CASE("what is beside a flow's destination, and its rules", "[mux]") {
  mux_pair net;
  REQUIRE(net.settle());
  auto flow = *net.a.link.open_flow({mux_target::by::gateway, "tftp"});
  net.a.link.rule_flow(flow, {reply_source::host, true});
  net.a.link.send_datagram(flow, as_bytes("get"));
  REQUIRE(net.settle());
  CHECK(net.b.ruled[flow] == mux_flow_rules{reply_source::host, true});
  net.b.link.send_beside(flow, *endpoint::parse("127.1.2.50:7001"), as_bytes("block"));
  net.a.link.send_beside(flow, *endpoint::parse("[2001:db8::7]:9"), {});
  REQUIRE(net.settle());
  CHECK(net.a.datagrams[flow] == std::vector<std::string>{"127.1.2.50:7001 block"});
  CHECK(net.b.datagrams[flow] == std::vector<std::string>{"get", "[2001:db8::7]:9 "});
}
