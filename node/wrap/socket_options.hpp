#pragma once
/// Options of a socket, past the library's own `getsockopt`.
#include "real.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>

namespace hublink::wrap {

/// Zeros if it can't be had.
template <class Option>
Option option(int fd, int level, int name) {
  Option value{};
  socklen_t size = sizeof value;
  real().getsockopt(fd, level, name, &value, &size);
  return value;
}

template <class Option>
void set_option(int fd, int level, int name, const Option& value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

/// IPPROTO_TCP, IPPROTO_UDP, …; 0 if it is no socket.
inline int protocol_of(int fd) { return option<int>(fd, SOL_SOCKET, SO_PROTOCOL); }

/// A stream that TCP carries: by itself, or as one of several ways (IPPROTO_MPTCP, which older headers lack).
constexpr int multipath = 262;
inline bool is_stream(int fd) {
  auto protocol = protocol_of(fd);
  return protocol == IPPROTO_TCP || protocol == multipath;
}

/// The kernel's, of which none is used twice; 0 if it is no socket.
using socket_number = unsigned long long;
inline socket_number number_of(int fd) { return option<socket_number>(fd, SOL_SOCKET, SO_COOKIE); }

/// Of the same socket in this process. Only the first descriptors are looked at: more of them take too long.
inline bool has_another_descriptor(int fd) {
  constexpr int most_looked_at = 1024;
  auto number = number_of(fd);
  for (int other = 0; other < most_looked_at; ++other)
    if (other != fd && number_of(other) == number) return true;
  return false;
}

inline bool is_non_blocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

// States of the kernel's net/tcp_states.h, whose header does not go with <linux/tcp.h>.
constexpr unsigned char state_dialling = 2, state_closed = 7; // TCP_SYN_SENT, TCP_CLOSE

inline tcp_info look(int fd) { return option<tcp_info>(fd, IPPROTO_TCP, TCP_INFO); }

} // namespace hublink::wrap
