#include "node/enclosure/marked_packets.hpp"
#include "node/socket/sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace hublink {

namespace {

constexpr int header_included_v6 =
    36; // IPV6_HDRINCL: of <linux/in6.h>, which does not go with <netinet/in.h>

} // namespace

int mark_packets(int fd, packet_mark mark) {
  return ::setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0 ? 0 : errno;
}

int marked_packets::sender(packet_mark mark, bool v6) {
  auto& known = senders_[{mark, v6}];
  if (known) return known.get();
  known = network_.open(v6 ? AF_INET6 : AF_INET, SOCK_RAW, IPPROTO_RAW);
  const int on = 1; // IPv4's has its header by IPPROTO_RAW
  if (known && v6) ::setsockopt(known.get(), IPPROTO_IPV6, header_included_v6, &on, sizeof on);
  if (known) mark_packets(known.get(), mark);
  return known.get();
}

void marked_packets::send(const ip_address& to, byte_view packet, packet_mark mark) {
  auto where = to_asio({to, 0});
  ::sendto(sender(mark, to.v6), packet.data(), packet.size(), 0, where.data(),
           static_cast<socklen_t>(where.size()));
}

} // namespace hublink
