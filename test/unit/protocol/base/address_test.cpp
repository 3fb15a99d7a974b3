#include "protocol/base/address.hpp"
#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("addresses read and print") {
  auto text = GENERATE("127.1.1.1", "0.0.0.0", "255.255.255.255", "::1", "2001:db8::7", "::");
  CAPTURE(text);
  auto address = ip_address::parse(text);
  REQUIRE(address);
  CHECK(to_string(*address) == text);
}

TEST_CASE("an IPv4-mapped address is the IPv4 address") {
  CHECK(ip_address::parse("::ffff:127.1.1.1") == ip_address::parse("127.1.1.1"));
}

TEST_CASE("what is no address is refused") {
  auto text = GENERATE(as<std::string>{}, "", "127.1.1", "127.1.1.256", "127.1.1.1 ", "127.01.1.1x", "HOST2",
                       "fe80::1%lo", std::string{"127.1.1.1\0x", 11}, std::string(500, '1'));
  CAPTURE(text);
  CHECK_FALSE(ip_address::parse(text));
}

TEST_CASE("networks contain what begins with their prefix") {
  struct row {
    const char *network, *address;
    bool inside;
  };
  auto each = GENERATE(row{"127.1.1.0/24", "127.1.1.255", true}, row{"127.1.1.0/24", "127.1.2.0", false},
                       row{"127.1.0.0/17", "127.1.127.1", true}, row{"127.1.0.0/17", "127.1.128.1", false},
                       row{"0.0.0.0/0", "9.9.9.9", true}, row{"0.0.0.0/0", "::1", false},
                       row{"127.1.1.5/32", "127.1.1.5", true}, row{"127.1.1.5/32", "127.1.1.4", false},
                       row{"::/0", "::1", true}, row{"2001:db8::/33", "2001:db8:7fff::1", true},
                       row{"2001:db8::/33", "2001:db8:8000::1", false}, row{"::1/128", "::1", true});
  CAPTURE(each.network, each.address);
  auto network = ip_network::parse(each.network);
  auto address = ip_address::parse(each.address);
  REQUIRE((network && address));
  CHECK(network->contains(*address) == each.inside);
  CHECK(to_string(*network) == each.network);
}

TEST_CASE("what is no network is refused") {
  auto text = GENERATE("127.1.1.0", "127.1.1.1/24", "127.1.1.0/33", "127.1.1.0/", "127.1.1.0/-1",
                       "127.1.1.0/024", "/24", "127.1.1.0/24/8", "2001:db8::1/64", "::ffff:127.0.0.0/104");
  CAPTURE(text);
  CHECK_FALSE(ip_network::parse(text));
}

TEST_CASE("endpoints read and print") {
  auto text = GENERATE("127.1.1.1:40000", "[::1]:40000", "0.0.0.0:0", "[2001:db8::1]:65535");
  CAPTURE(text);
  auto where = endpoint::parse(text);
  REQUIRE(where);
  CHECK(to_string(*where) == text);
}

TEST_CASE("what is no endpoint is refused") {
  auto text = GENERATE("127.1.1.1", "127.1.1.1:", "127.1.1.1:65536", "127.1.1.1:+1", "127.1.1.1:01",
                       "::1:40000", "[::1]", "[127.1.1.1]:80", "[]:80", ":80", "host:80", "127.1.1.1:80 ",
                       "127.1.1.1:99999999999999");
  CAPTURE(text);
  CHECK_FALSE(endpoint::parse(text));
}
