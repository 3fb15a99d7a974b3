#include "protocol/base/special_addresses.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string network_text(const char* address) {
  auto found = special_network_of(*ip_address::parse(address));
  return found ? to_string(*found) : "";
}

std::string carried_text(const char* address) {
  std::string text;
  for (const auto& each : carried_addresses(*ip_address::parse(address)))
    text += (text.empty() ? "" : " ") + to_string(each);
  return text;
}

} // namespace

TEST_CASE("what means the machine itself, or everybody near it, is in a network of its own") {
  CHECK(network_text("127.0.0.1") == "127.0.0.0/8");
  CHECK(network_text("127.255.255.254") == "127.0.0.0/8");
  CHECK(network_text("::ffff:127.9.9.9") == "127.0.0.0/8");
  CHECK(network_text("::1") == "::1/128");
  CHECK(network_text("0.0.0.0") == "0.0.0.0/8");
  CHECK(network_text("0.1.2.3") == "0.0.0.0/8");
  CHECK(network_text("::") == "::/128");
  CHECK(network_text("169.254.169.254") == "169.254.0.0/16");
  CHECK(network_text("fe80::1") == "fe80::/10");
  CHECK(network_text("febf::1") == "fe80::/10");
  CHECK(network_text("224.0.0.251") == "224.0.0.0/4");
  CHECK(network_text("ff02::1") == "ff00::/8");
  CHECK(network_text("255.255.255.255") == "255.255.255.255/32");
  CHECK(network_text("64:ff9b:1::7f00:1") == "64:ff9b:1::/48");
  for (auto plain : {"10.0.0.1", "126.255.255.255", "128.0.0.1", "169.253.0.1", "192.168.1.255", "::2",
                     "fec0::1", "2001:db8::1", "64:ff9b::1"}) {
    CAPTURE(plain);
    CHECK(network_text(plain).empty());
  }
}

TEST_CASE("IPv4 that an IPv6 address carries is found, whoever would lead it there") {
  CHECK(carried_text("64:ff9b::127.0.0.1") == "127.0.0.1");
  CHECK(carried_text("64:ff9b::a00:1") == "10.0.0.1");
  CHECK(carried_text("::ffff:0:127.0.0.1") == "127.0.0.1");
  CHECK(carried_text("2002:7f00:1::1") == "127.0.0.1");
  CHECK(carried_text("2002:a9fe:a9fe:1:2:3:4:5") == "169.254.169.254");
  CHECK(carried_text("2001:0:102:304:0:1:80ff:fffe") == "127.0.0.1");
  CHECK(carried_text("::127.0.0.1") == "127.0.0.1");
  CHECK(carried_text("2001:db8::5efe:127.0.0.1") == "127.0.0.1");
  CHECK(carried_text("2001:db8::200:5efe:10.0.0.1") == "10.0.0.1");
  CHECK(carried_text("2002:a00:1::5efe:10.0.0.2") == "10.0.0.1 10.0.0.2");
  for (auto none : {"10.0.0.1", "2001:db8::7f00:1", "2003:7f00:1::1", "fd00::127.0.0.1"}) {
    CAPTURE(none);
    CHECK(carried_text(none).empty());
  }
}
