#include "node/socket/own_address.hpp"

#include "node/base/unique_fd.hpp"
#include "node/socket/sockets.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace hublink {

namespace {

/// RTM_GETROUTE (rtnetlink(7)) for one destination.
struct route_question {
  nlmsghdr head{};
  rtmsg route{};
  rtattr name{};
  std::array<std::uint8_t, 16> destination{};

  explicit route_question(const ip_address& address) {
    const auto octets = static_cast<unsigned short>(address.width() / 8);
    name.rta_type = RTA_DST;
    name.rta_len = static_cast<unsigned short>(RTA_LENGTH(octets));
    destination = address.octets;
    route.rtm_family = address.v6 ? AF_INET6 : AF_INET;
    route.rtm_dst_len = static_cast<unsigned char>(address.width());
    head.nlmsg_type = RTM_GETROUTE;
    head.nlmsg_flags = NLM_F_REQUEST;
    head.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof route + name.rta_len));
  }
};
static_assert(offsetof(route_question, destination) == NLMSG_LENGTH(sizeof(rtmsg) + RTA_LENGTH(0)));

bool is_own_type(unsigned char type) {
  return type == RTN_LOCAL || type == RTN_BROADCAST || type == RTN_ANYCAST;
}

/// What its routes say; nothing: they can't be asked.
std::optional<bool> by_routes(const ip_address& address) {
  unique_fd kernel{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!kernel) return {};
  route_question question{address};
  if (::send(kernel.get(), &question, question.head.nlmsg_len, 0) < 0) return {};
  std::array<std::byte, 4096> room{};
  auto size = uninterrupted([&] { return ::recv(kernel.get(), room.data(), room.size(), MSG_DONTWAIT); });
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) return {};
  nlmsghdr head{};
  std::memcpy(&head, room.data(), sizeof head);
  if (head.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr why{};
    std::memcpy(&why, room.data() + NLMSG_HDRLEN, sizeof why);
    bool no_way = why.error == -ENETUNREACH || why.error == -EHOSTUNREACH || why.error == -EACCES;
    return no_way ? std::optional{false} : std::nullopt;
  }
  if (head.nlmsg_type != RTM_NEWROUTE) return {};
  rtmsg route{};
  std::memcpy(&route, room.data() + NLMSG_HDRLEN, sizeof route);
  return is_own_type(route.rtm_type);
}

bool can_be_bound(const ip_address& address) {
  unique_fd probe{::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!probe) return errno != EAFNOSUPPORT; // of a family that the machine has not, it has no address
  auto where = to_asio({address, 0});
  return ::bind(probe.get(), where.data(), static_cast<socklen_t>(where.size())) == 0 ||
         errno != EADDRNOTAVAIL;
}

} // namespace

bool is_own_address(const ip_address& address) {
  const auto plain = unmapped(address);
  auto said = by_routes(plain);
  return said ? *said : can_be_bound(plain);
}

} // namespace hublink
