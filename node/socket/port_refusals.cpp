#include "node/socket/port_refusals.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/base/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::size_t icmp_head = 8;
constexpr std::byte port_unreachable_v4[]{std::byte{3}, std::byte{3}};
constexpr std::byte port_unreachable_v6[]{std::byte{1}, std::byte{4}};
constexpr int hops = 64;

std::uint16_t internet_checksum(byte_view data) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < data.size(); i += 2) sum += get_be<std::uint16_t>(data.data() + i);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put_udp(std::byte* at, const endpoint& from, const endpoint& to) {
  put_be(at, from.port);
  put_be(at + 2, to.port);
  put_be(at + 4, std::uint16_t(sizeof(udphdr)));
}

/// The heads of the datagram that is answered, as its sender's system knows it.
std::array<std::byte, icmp_head + sizeof(iphdr) + sizeof(udphdr)> message_v4(const endpoint& port,
                                                                             const endpoint& to) {
  std::array<std::byte, icmp_head + sizeof(iphdr) + sizeof(udphdr)> made{};
  std::ranges::copy(port_unreachable_v4, made.begin());
  auto* ip = made.data() + icmp_head;
  ip[0] = std::byte{0x45};
  put_be(ip + 2, std::uint16_t(sizeof(iphdr) + sizeof(udphdr)));
  ip[8] = std::byte{hops};
  ip[9] = std::byte{IPPROTO_UDP};
  std::memcpy(ip + 12, to.address.octets.data(), 4);
  std::memcpy(ip + 16, port.address.octets.data(), 4);
  put_be(ip + 10, internet_checksum({ip, sizeof(iphdr)}));
  put_udp(ip + sizeof(iphdr), to, port);
  put_be(made.data() + 2, internet_checksum(made));
  return made;
}

/// The system adds ICMPv6's checksum.
std::array<std::byte, icmp_head + sizeof(ip6_hdr) + sizeof(udphdr)> message_v6(const endpoint& port,
                                                                               const endpoint& to) {
  std::array<std::byte, icmp_head + sizeof(ip6_hdr) + sizeof(udphdr)> made{};
  std::ranges::copy(port_unreachable_v6, made.begin());
  auto* ip = made.data() + icmp_head;
  ip[0] = std::byte{0x60};
  put_be(ip + 4, std::uint16_t(sizeof(udphdr)));
  ip[6] = std::byte{IPPROTO_UDP};
  ip[7] = std::byte{hops};
  std::memcpy(ip + 8, to.address.octets.data(), 16);
  std::memcpy(ip + 24, port.address.octets.data(), 16);
  put_udp(ip + sizeof(ip6_hdr), to, port);
  return made;
}

template <class Info>
bool send_from(int fd, byte_view message, const endpoint& to, int level, int type, const Info& source) {
  if (fd < 0) return false;
  auto where = to_asio({to.address, 0});
  iovec part{const_cast<std::byte*>(message.data()), message.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(Info))> room{};
  msghdr head{};
  head.msg_name = where.data();
  head.msg_namelen = static_cast<socklen_t>(where.size());
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = room.data();
  head.msg_controllen = room.size();
  auto* info = CMSG_FIRSTHDR(&head);
  info->cmsg_level = level;
  info->cmsg_type = type;
  info->cmsg_len = CMSG_LEN(sizeof(Info));
  std::memcpy(CMSG_DATA(info), &source, sizeof source);
  return ::sendmsg(fd, &head, MSG_DONTWAIT) == static_cast<ssize_t>(message.size());
}

} // namespace

port_refusals::port_refusals()
    : v4_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP)),
      v6_(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6)) {
  // They read nothing.
  icmp_filter no_v4{~0u};
  if (v4_ >= 0) ::setsockopt(v4_, SOL_RAW, ICMP_FILTER, &no_v4, sizeof no_v4);
  icmp6_filter no_v6{};
  ICMP6_FILTER_SETBLOCKALL(&no_v6);
  if (v6_ >= 0) ::setsockopt(v6_, IPPROTO_ICMPV6, ICMP6_FILTER, &no_v6, sizeof no_v6);
}

port_refusals::~port_refusals() {
  for (auto fd : {v4_, v6_})
    if (fd >= 0) ::close(fd);
}

bool port_refusals::say(const endpoint& port, const endpoint& to) const {
  if (port.address.v6 != to.address.v6) return false;
  if (port.address.v6) {
    in6_pktinfo source{};
    std::memcpy(&source.ipi6_addr, port.address.octets.data(), 16);
    return send_from(v6_, message_v6(port, to), to, IPPROTO_IPV6, IPV6_PKTINFO, source);
  }
  in_pktinfo source{};
  std::memcpy(&source.ipi_spec_dst, port.address.octets.data(), 4);
  return send_from(v4_, message_v4(port, to), to, IPPROTO_IP, IP_PKTINFO, source);
}

} // namespace hublink
