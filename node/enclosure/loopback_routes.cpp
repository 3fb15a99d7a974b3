#include "node/enclosure/loopback_routes.hpp"
#include "node/base/unique_fd.hpp"
#include "node/enclosure/packet_rules.hpp"

#include <array>
#include <cstring>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>

namespace hublink {

namespace {

constexpr int loopback_device = 1; // the first of every namespace

/// One request of rtnetlink(7) with its attributes.
class route_request {
 public:
  template <class Header>
  route_request(std::uint16_t type, const Header& header) {
    head().nlmsg_type = type;
    head().nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
    std::memcpy(room_.data() + NLMSG_HDRLEN, &header, sizeof header);
    head().nlmsg_len = NLMSG_LENGTH(sizeof header);
  }

  route_request& with(std::uint16_t type, const void* value, std::size_t size) {
    rtattr attribute{static_cast<std::uint16_t>(RTA_LENGTH(size)), type};
    auto* at = room_.data() + NLMSG_ALIGN(head().nlmsg_len);
    std::memcpy(at, &attribute, sizeof attribute);
    std::memcpy(at + RTA_LENGTH(0), value, size);
    head().nlmsg_len =
        static_cast<std::uint32_t>(NLMSG_ALIGN(head().nlmsg_len) + RTA_ALIGN(attribute.rta_len));
    return *this;
  }

  /// 0, or what the kernel says.
  int send_to(int kernel) {
    if (::send(kernel, room_.data(), head().nlmsg_len, 0) < 0) return errno;
    std::array<char, 1024> answer{};
    if (::recv(kernel, answer.data(), answer.size(), 0) < ssize_t(NLMSG_LENGTH(sizeof(nlmsgerr)))) return EIO;
    nlmsgerr acknowledged{};
    std::memcpy(&acknowledged, answer.data() + NLMSG_HDRLEN, sizeof acknowledged);
    return -acknowledged.error;
  }

 private:
  nlmsghdr& head() { return *reinterpret_cast<nlmsghdr*>(room_.data()); }

  alignas(nlmsghdr) std::array<char, 256> room_{};
};

/// 0, or an error.
int add_all(int kernel, bool v6) {
  const auto own = inner_address(v6);
  const auto width = static_cast<std::size_t>(own.width()) / 8;
  ifaddrmsg address{};
  address.ifa_family = v6 ? AF_INET6 : AF_INET;
  address.ifa_prefixlen = static_cast<unsigned char>(own.width());
  address.ifa_flags = v6 ? IFA_F_NODAD : 0;
  address.ifa_index = loopback_device;
  route_request add_address(RTM_NEWADDR, address);
  add_address.with(IFA_LOCAL, own.octets.data(), width).with(IFA_ADDRESS, own.octets.data(), width);
  if (auto error = add_address.send_to(kernel)) return error;
  rtmsg route{};
  route.rtm_family = address.ifa_family;
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_protocol = RTPROT_STATIC;
  route.rtm_scope = v6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_HOST;
  route.rtm_type = RTN_LOCAL;
  route_request add_route(RTM_NEWROUTE, route);
  add_route.with(RTA_OIF, &loopback_device, sizeof loopback_device)
      .with(RTA_PREFSRC, own.octets.data(), width);
  return add_route.send_to(kernel);
}

failure at(const char* what, int error) {
  return {errc::failed, {}, std::string{what} + ": " + std::generic_category().message(error)};
}

} // namespace

outcome<> lead_all_to_loopback() {
  unique_fd any{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq device{};
  std::strcpy(device.ifr_name, "lo");
  device.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(any.get(), SIOCSIFFLAGS, &device) != 0) return at("can't use the loopback device", errno);
  unique_fd kernel{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!kernel) return at("can't talk to the kernel about routes", errno);
  if (auto error = add_all(kernel.get(), false)) return at("can't lead IPv4 to the loopback device", error);
  unique_fd v6{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  auto error = v6 ? add_all(kernel.get(), true) : 0;
  // Without IPv6 there is no way out by it.
  if (error && error != EOPNOTSUPP && error != EACCES && error != EAFNOSUPPORT)
    return at("can't lead IPv6 to the loopback device", error);
  return {};
}

} // namespace hublink
