#include "addresses.hpp"
#include "socket_options.hpp"

#include <cstring>

namespace hublink::wrap {

socklen_t as_family(int family, const plain_address& from, sockaddr_storage& to) {
  std::memset(&to, 0, sizeof to);
  if (family == AF_INET) {
    if (from.v6) return 0;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(from.port);
    std::memcpy(&v4->sin_addr, from.octets, 4);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(from.port);
  if (from.v6) {
    std::memcpy(&v6->sin6_addr, from.octets, 16);
  } else {
    std::memset(v6->sin6_addr.s6_addr + 10, 0xff, 2);
    std::memcpy(v6->sin6_addr.s6_addr + 12, from.octets, 4);
  }
  return sizeof *v6;
}

socklen_t as_socket(int fd, const plain_address& from, sockaddr_storage& to) {
  auto family = option<int>(fd, SOL_SOCKET, SO_DOMAIN);
  if (family == AF_INET6 && !from.v6 && option<int>(fd, IPPROTO_IPV6, IPV6_V6ONLY))
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  return as_family(family, from, to);
}

void show(const plain_address& what, int family, sockaddr* into, socklen_t room, socklen_t& size) {
  sockaddr_storage shown;
  auto length = as_family(family, what, shown);
  if (length == 0) return;
  std::memcpy(into, &shown, length < room ? length : room);
  size = length;
}

} // namespace hublink::wrap
