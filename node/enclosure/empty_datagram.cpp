#include "node/enclosure/empty_datagram.hpp"
#include "node/enclosure/internet_checksum.hpp"

namespace hublink {

namespace {

constexpr std::uint8_t udp_number = 17, udp_hops = 64;
constexpr std::uint16_t udp_size = 8;

void append(bytes& to, const ip_address& address) {
  auto octets = std::as_bytes(std::span(address.octets)).first(static_cast<std::size_t>(address.width()) / 8);
  to.insert(to.end(), octets.begin(), octets.end());
}

} // namespace

bytes empty_datagram(const endpoint& from, const endpoint& to) {
  bytes packet;
  if (to.address.v6) {
    packet.resize(8);
    packet[0] = std::byte{0x60};
    put_be(&packet[4], udp_size);
    packet[6] = std::byte{udp_number};
    packet[7] = std::byte{udp_hops};
  } else {
    packet.resize(12); // whose checksum the kernel adds
    packet[0] = std::byte{0x45};
    put_be(&packet[2], static_cast<std::uint16_t>(20 + udp_size));
    packet[8] = std::byte{udp_hops};
    packet[9] = std::byte{udp_number};
  }
  const auto addresses = packet.size();
  append(packet, from.address);
  append(packet, to.address);
  const auto segment = packet.size();
  packet.resize(segment + udp_size);
  put_be(&packet[segment], from.port);
  put_be(&packet[segment + 2], to.port);
  put_be(&packet[segment + 4], udp_size);
  auto sum = internet_checksum{udp_number + std::uint32_t{udp_size}}
                 .add(byte_view(packet).subspan(addresses))
                 .value();
  put_be(&packet[segment + 6], sum == 0 ? std::uint16_t{0xffff} : sum); // RFC 768
  return packet;
}

} // namespace hublink
