#include "own_port.hpp"
#include "fork_lock.hpp"
#include "socket_descriptors.hpp"
#include "watches.hpp"

#include <cstring>
#include <unistd.h>

namespace hublink::wrap {

namespace {

struct name_of_option {
  int level, name;
};
// Whatever a program may have set before it connects.
constexpr name_of_option numbers[] = {
    {SOL_SOCKET, SO_REUSEADDR},       {SOL_SOCKET, SO_REUSEPORT},  {SOL_SOCKET, SO_KEEPALIVE},
    {SOL_SOCKET, SO_OOBINLINE},       {SOL_SOCKET, SO_PRIORITY},   {SOL_SOCKET, SO_MARK},
    {SOL_SOCKET, SO_RCVLOWAT},        {SOL_SOCKET, SO_TIMESTAMP},  {IPPROTO_TCP, TCP_NODELAY},
    {IPPROTO_TCP, TCP_MAXSEG},        {IPPROTO_TCP, TCP_CORK},     {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL},     {IPPROTO_TCP, TCP_KEEPCNT},  {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_TCP, TCP_LINGER2},       {IPPROTO_TCP, TCP_QUICKACK}, {IPPROTO_TCP, TCP_USER_TIMEOUT},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT}, {IPPROTO_IP, IP_TOS},        {IPPROTO_IP, IP_TTL},
    {IPPROTO_IPV6, IPV6_V6ONLY},      {IPPROTO_IPV6, IPV6_TCLASS}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS}};
constexpr socklen_t longest_text = 16; ///< of a device, of a congestion control
constexpr name_of_option buffers[] = {{SOL_SOCKET, SO_SNDBUF}, {SOL_SOCKET, SO_RCVBUF}};

template <class Option>
void copy_option(int from, int to, int level, int name) {
  Option value{}, there{};
  socklen_t size = sizeof value;
  if (real().getsockopt(from, level, name, &value, &size) != 0 || size != sizeof value) return;
  size = sizeof there;
  if (real().getsockopt(to, level, name, &there, &size) == 0 && std::memcmp(&value, &there, size) == 0)
    return;
  set_option(to, level, name, value);
}

void copy_text(int from, int to, int level, int name) {
  char value[longest_text] = {}, there[longest_text] = {};
  socklen_t size = sizeof value, size_there = sizeof there;
  if (real().getsockopt(from, level, name, value, &size) != 0) return;
  if (real().getsockopt(to, level, name, there, &size_there) == 0 && std::strcmp(value, there) == 0) return;
  ::setsockopt(to, level, name, value, size);
}

void copy_options(int from, int to) {
  for (const auto& each : numbers) copy_option<int>(from, to, each.level, each.name);
  for (const auto& each : buffers)
    if (auto size = option<int>(from, each.level, each.name); size != option<int>(to, each.level, each.name))
      set_option(to, each.level, each.name, size / 2); // it doubles what it is told
  copy_option<linger>(from, to, SOL_SOCKET, SO_LINGER);
  copy_option<timeval>(from, to, SOL_SOCKET, SO_SNDTIMEO);
  copy_option<timeval>(from, to, SOL_SOCKET, SO_RCVTIMEO);
  copy_text(from, to, SOL_SOCKET, SO_BINDTODEVICE);
  copy_text(from, to, IPPROTO_TCP, TCP_CONGESTION);
  ::fcntl(to, F_SETOWN, ::fcntl(from, F_GETOWN));
  ::fcntl(to, F_SETFL, ::fcntl(from, F_GETFL));
}

/// False: it has no port.
bool read_address(int fd, sockaddr_storage& into, socklen_t& size) {
  size = sizeof into;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&into), &size) != 0) return false;
  if (into.ss_family == AF_INET) return reinterpret_cast<sockaddr_in&>(into).sin_port != 0;
  return into.ss_family == AF_INET6 && reinterpret_cast<sockaddr_in6&>(into).sin6_port != 0;
}

/// The port is chosen by `connect`, which knows the peer.
bool bind_without_port(int fd, sockaddr_storage& to, socklen_t size) {
  if (to.ss_family == AF_INET)
    reinterpret_cast<sockaddr_in&>(to).sin_port = 0;
  else
    reinterpret_cast<sockaddr_in6&>(to).sin6_port = 0;
  set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  return ::bind(fd, reinterpret_cast<sockaddr*>(&to), size) == 0;
}

/// The socket behind a descriptor becomes the other one.
void replace(int fd, int with) {
  auto before = number_of(fd);
  auto flags = (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0;
  if (real().dup3(with, fd, flags) == fd) move_watch(fd, before, number_of(fd));
}

bool replace_everywhere(int fd, int with) {
  guard held;
  return visit_descriptors(number_of(fd), [with](int each) {
    replace(each, with);
    return true;
  });
}

/// Behind all its descriptors is a socket of plain TCP then, with its options, that `prepare` has seen
/// before.
template <class Prepare>
bool renew_socket(int fd, sa_family_t family, Prepare prepare) {
  auto fresh = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fresh < 0) return false;
  copy_options(fd, fresh);
  const bool left = prepare(fresh) && replace_everywhere(fd, fresh);
  real().close(fresh);
  return left;
}

} // namespace

bool leave_own_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (!read_address(fd, address, size)) return false;
  return renew_socket(fd, address.ss_family,
                      [&](int fresh) { return bind_without_port(fresh, address, size); });
}

bool leave_multipath(int fd) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (look(fd).tcpi_state != state_closed) return false;
  const bool has_port = read_address(fd, address, size);
  if (!renew_socket(fd, address.ss_family, [](int) { return true; })) return false; // it gives the port back
  return !has_port || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0;
}

} // namespace hublink::wrap
