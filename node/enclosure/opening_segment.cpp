#include "node/enclosure/opening_segment.hpp"
#include "node/enclosure/internet_checksum.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t least_v4 = 20, header_v6 = 40, least_tcp = 20, checksum_at = 16, flags_at = 13;
constexpr std::uint8_t tcp_number = 6, syn = 0x02, ack = 0x10;

std::uint8_t octet(byte_view data, std::size_t at) { return std::to_integer<std::uint8_t>(data[at]); }

/// Where the addresses stand, and the segment.
struct layout {
  std::size_t from, width, segment, end;
};

std::optional<layout> layout_of(byte_view packet) {
  if (packet.size() < least_v4) return {};
  switch (octet(packet, 0) >> 4) {
  case 4: {
    const std::size_t header = (octet(packet, 0) & 15u) * 4u, size = get_be<std::uint16_t>(&packet[2]);
    if (octet(packet, 9) != tcp_number || header < least_v4 || size > packet.size()) return {};
    return layout{12, 4, header, size};
  }
  case 6: {
    if (packet.size() < header_v6 || octet(packet, 6) != tcp_number) return {};
    const std::size_t size = header_v6 + get_be<std::uint16_t>(&packet[4]);
    if (size > packet.size()) return {};
    return layout{8, 16, header_v6, size};
  }
  default:
    return {};
  }
}

ip_address address_at(byte_view packet, std::size_t at, std::size_t width) {
  ip_address address{{}, width == 16};
  for (std::size_t i = 0; i < width; ++i) address.octets[i] = octet(packet, at + i);
  return address;
}

/// Over pseudo header and segment, whose own checksum counts as zero.
std::uint16_t checksum(byte_view packet, const layout& where) {
  const auto segment = packet.subspan(where.segment, where.end - where.segment);
  return internet_checksum{tcp_number + static_cast<std::uint32_t>(segment.size())}
      .add(packet.subspan(where.from, 2 * where.width))
      .add(segment.first(checksum_at))
      .add(segment.subspan(checksum_at + 2))
      .value();
}

} // namespace

std::optional<opening_segment> opening_segment::parse(byte_view packet) {
  auto where = layout_of(packet);
  if (!where || where->segment + least_tcp > where->end) return {};
  if ((octet(packet, where->segment + flags_at) & (syn | ack)) != syn) return {};
  opening_segment found;
  found.from = {address_at(packet, where->from, where->width),
                get_be<std::uint16_t>(&packet[where->segment])};
  found.to = {address_at(packet, where->from + where->width, where->width),
              get_be<std::uint16_t>(&packet[where->segment + 2])};
  found.packet.assign(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(where->end));
  put_be(&found.packet[where->segment + checksum_at], checksum(packet, *where));
  return found;
}

} // namespace hublink
