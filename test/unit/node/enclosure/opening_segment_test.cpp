#include "node/enclosure/opening_segment.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

// Of a kernel: SYN from 192.0.2.1 port 4660 to 198.51.100.7 port 80, and one of IPv6; with whole checksums.
const std::string syn_v4 = "4500002800010000400686ef"
                           "c0000201"
                           "c6336407"
                           "12340050"
                           "00000001"
                           "00000000"
                           "50022000"
                           "0a3f"
                           "0000";

bytes zeroed(bytes packet, std::size_t at) {
  packet[at] = packet[at + 1] = std::byte{0};
  return packet;
}

} // namespace

TEST_CASE("the packet that opens a connection, and the checksum that its device was to complete",
          "[enclosure]") {
  const auto packet = *from_hex(syn_v4);
  auto found = opening_segment::parse(zeroed(packet, 36));
  REQUIRE(found);
  CHECK(to_string(found->from) == "192.0.2.1:4660");
  CHECK(to_string(found->to) == "198.51.100.7:80");
  // The sum over pseudo header and segment, its own included, is all ones.
  std::uint32_t sum = 6 + 20;
  for (std::size_t at = 12; at < 40; at += 2) sum += get_be<std::uint16_t>(&found->packet[at]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  CHECK(sum == 0xffff);
  auto longer = packet;
  longer.push_back(std::byte{1}); // what a device added
  CHECK(opening_segment::parse(longer)->packet.size() == packet.size());
}

TEST_CASE("other packets open nothing", "[enclosure]") {
  const auto packet = *from_hex(syn_v4);
  for (std::size_t size = 0; size < packet.size(); ++size)
    CHECK_FALSE(opening_segment::parse(std::span(packet).first(size)));
  auto with = [&](std::size_t at, int octet) {
    auto made = packet;
    made[at] = std::byte(octet);
    return opening_segment::parse(made).has_value();
  };
  CHECK_FALSE(with(9, 17));    // UDP
  CHECK_FALSE(with(33, 0x12)); // SYN and ACK
  CHECK_FALSE(with(33, 0x10)); // ACK
  CHECK_FALSE(with(0, 0x44));  // a header below 20 bytes
  CHECK_FALSE(with(0, 0x4f));  // none behind it
  CHECK_FALSE(with(0, 0x55));
}
