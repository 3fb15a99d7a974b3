#include "node/enclosure/empty_datagram.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

/// Of the pseudo header and the datagram, its own included: all ones.
std::uint32_t whole_sum(byte_view packet, std::size_t addresses) {
  std::uint32_t sum = 17 + 8;
  for (auto at = addresses; at < packet.size(); at += 2) sum += get_be<std::uint16_t>(&packet[at]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

} // namespace

TEST_CASE("a datagram without content, for a refusal to refer to", "[enclosure]") {
  auto v4 = empty_datagram(*endpoint::parse("192.0.0.8:4660"), *endpoint::parse("10.2.0.7:53"));
  CHECK(to_hex(v4).starts_with("4500001c000000004011"
                               "0000"
                               "c0000008"
                               "0a020007"
                               "12340035"
                               "0008"));
  CHECK(v4.size() == 28);
  CHECK(whole_sum(v4, 12) == 0xffff);
  auto v6 = empty_datagram(*endpoint::parse("[fd68::1]:4660"), *endpoint::parse("[2001:db8::7]:53"));
  CHECK(to_hex(v6).starts_with("600000000008"
                               "1140"
                               "fd68"));
  CHECK(v6.size() == 48);
  CHECK(whole_sum(v6, 8) == 0xffff);
}
