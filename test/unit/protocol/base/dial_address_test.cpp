#include "protocol/base/dial_address.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::vector<ip_address> addresses(std::initializer_list<const char*> texts) {
  std::vector<ip_address> all;
  for (const auto* text : texts) all.push_back(*ip_address::parse(text));
  return all;
}

} // namespace

TEST_CASE("what is a DNS name") {
  for (const auto* name : {"hub-a.plant.example", "hub", "a.b", "HUB_1.example.", "1a.example",
                           "xn--bcher-kva.example", "10.example"}) {
    CAPTURE(name);
    CHECK(is_dns_name(name));
  }
  const std::string longest_label(63, 'a');
  CHECK(is_dns_name(longest_label));
  CHECK_FALSE(is_dns_name(longest_label + "a"));
  const auto longest = longest_label + "." + longest_label + "." + longest_label + "." + std::string(61, 'a');
  CHECK(is_dns_name(longest));
  CHECK_FALSE(is_dns_name(longest + "a"));
  using namespace std::string_literals;
  // What the C library would read as a number is no name: nobody else would be asked for it.
  for (const auto& text :
       {""s, "."s, "a..b"s, ".a"s, "-a"s, "a-"s, "a b"s, "b\u00fccher.example"s, "127.1"s, "1"s,
        "0x7f000001"s, "a.0x1"s, "a.example.7"s, "::1"s, "a:b"s, "a/b"s, "a\0b"s, "a.."s}) {
    CAPTURE(text);
    CHECK_FALSE(is_dns_name(text));
  }
}

TEST_CASE("where somebody is dialled is an address or a name, with a port") {
  for (const auto* text :
       {"127.1.1.1:40000", "[::1]:40000", "hub-a.plant.example:40000", "hub:1", "hub.:65535"}) {
    auto read = dial_address::parse(text);
    REQUIRE(read);
    CHECK(to_string(*read) == text);
  }
  CHECK(dial_address::parse("127.1.1.1:40000")->known_endpoint() == endpoint::parse("127.1.1.1:40000"));
  CHECK_FALSE(dial_address::parse("hub:40000")->known_endpoint());
  CHECK(dial_address::parse("hub:40000")->name == "hub");
  for (const auto* text : {"", ":1", "hub", "hub:", "hub:0", "hub:01", "hub:65536", "hub:-1", "hub:+1",
                           "hub: 1", "127.1:40000", "[hub]:40000", "::1:40000", "hub:1:2"}) {
    CAPTURE(text);
    CHECK_FALSE(dial_address::parse(text));
  }
}

TEST_CASE("a row of hosts may leave the port to others") {
  for (const auto* text :
       {"127.1.1.1", "::1", "hub-a.plant.example", "127.1.1.1:40000", "[::1]:40000", "hub:40000"}) {
    auto read = dial_address::parse_host(text);
    REQUIRE(read);
    CHECK(to_string(*read) == text);
  }
  for (const auto* text : {"", "127.1", "x y", "hub:0", "[::1]", "300.1.1.1"}) {
    CAPTURE(text);
    CHECK_FALSE(dial_address::parse_host(text));
  }
}

TEST_CASE("the families of a name's addresses are tried in turn, from the resolver's first on") {
  CHECK(dial_order({}).empty());
  CHECK(dial_order(addresses({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"})) ==
        addresses({"::1", "10.0.0.1", "::2", "10.0.0.2", "::3"}));
  CHECK(dial_order(addresses({"10.0.0.1", "10.0.0.2", "::1"})) == addresses({"10.0.0.1", "::1", "10.0.0.2"}));
  // Each once, whatever the resolver says, and a mapped one is IPv4.
  CHECK(dial_order(addresses({"10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1"})) ==
        addresses({"10.0.0.1", "10.0.0.2"}));
}
