#include "node/enclosure/packet_rules.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

way_out way_to(const ways_out& ways, const char* where) { return ways.of(*endpoint::parse(where)); }

} // namespace

TEST_CASE("where an enclosed program's destinations lead", "[enclosure]") {
  const ways_out all{{{*proxy_rule::parse("127.0.0.1:5432"), true}}, false};
  CHECK(way_to(all, "10.2.0.7:80") == way_out::gateway);
  CHECK(way_to(all, "127.0.0.1:5432") == way_out::direct);
  CHECK(way_to(all, "127.0.0.1:80") == way_out::inside);
  CHECK(way_to(all, "[::1]:80") == way_out::inside);
  CHECK(way_to(all, "[2001:db8::7]:80") == way_out::gateway);
  CHECK(way_to(all, "224.0.0.1:80") == way_out::inside);
  const ways_out some{
      {{*proxy_rule::parse("10.2.0.7:1-65535"), true}, {*proxy_rule::parse("10.2.0.0/16:80"), false}}, true};
  CHECK(way_to(some, "10.2.0.7:80") == way_out::direct);
  CHECK(way_to(some, "10.2.0.8:80") == way_out::gateway);
  CHECK(way_to(some, "10.2.0.8:81") == way_out::none);
  CHECK(way_to(some, "10.3.0.8:80") == way_out::none);
  CHECK(way_to(some, "127.0.0.1:80") == way_out::inside);
}

TEST_CASE("the rules of packets name what is to be taken, before what is near", "[enclosure]") {
  const ways_out ways{{{*proxy_rule::parse("127.2.0.0/16:80-90"), false}}, true};
  const auto rules =
      packet_rules(ways, {*ip_address::parse("127.0.0.53"), *ip_address::parse("2001:db8::53")});
  auto chosen = rules.find("ip daddr 127.2.0.0/16 meta l4proto { tcp, udp } th dport 80-90 goto outside");
  auto near_by = rules.find("ip daddr { 192.0.0.8, 127.0.0.0/8");
  CHECK(chosen != rules.npos);
  CHECK(chosen < near_by);
  CHECK(rules.find("ip daddr 127.0.0.53/32 meta l4proto { tcp, udp } th dport 53-53 goto outside") < near_by);
  CHECK(rules.find("ip6 daddr 2001:db8::53/128") < near_by);
}
