#include "node/socket/own_address.hpp"
#include "node/socket/sockets.hpp"
#include "support/catch.hpp"

#include <ifaddrs.h>

using namespace hublink;

namespace {

std::vector<ip_address> addresses_of_interfaces() {
  std::vector<ip_address> all;
  ifaddrs* first = nullptr;
  REQUIRE(::getifaddrs(&first) == 0);
  for (auto* each = first; each; each = each->ifa_next) {
    if (!each->ifa_addr) continue;
    auto family = each->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    tcp::endpoint where(family == AF_INET ? tcp::v4() : tcp::v6(), 0);
    std::memcpy(where.data(), each->ifa_addr, where.size());
    all.push_back(from_asio(where).address);
  }
  ::freeifaddrs(first);
  return all;
}

} // namespace

TEST_CASE("every interface's address is the machine's own, and that of nobody else") {
  auto all = addresses_of_interfaces();
  REQUIRE_FALSE(all.empty());
  for (const auto& each : all) {
    if (each.v6 && each.octets[0] == 0xfe) continue; // link-local: which link is not said
    CAPTURE(to_string(each));
    CHECK(is_own_address(each));
  }
  for (auto own : {"127.0.0.1", "127.255.0.9", "::ffff:127.0.0.1", "255.255.255.255"}) {
    CAPTURE(own);
    CHECK(is_own_address(*ip_address::parse(own)));
  }
  for (auto other : {"203.0.113.77", "198.51.100.1", "2001:db8:77::1"}) { // of documentation: nobody's
    CAPTURE(other);
    CHECK_FALSE(is_own_address(*ip_address::parse(other)));
  }
}
