#pragma once
/// How this node treats its TCP sockets.
#include "protocol/base/address.hpp"

#include <asio/ip/tcp.hpp>

#include <chrono>

namespace hublink {

using asio::ip::tcp;

tcp::endpoint to_asio(const endpoint& where);
endpoint from_asio(const tcp::endpoint& where);

/// How long sent bytes may stay unacknowledged before the peer counts as gone (TCP_USER_TIMEOUT). The kernel
/// counts the time that a peer's full receive buffer stays full in, so data sockets, whose readers may wait
/// for slow disks, get more of it.
inline constexpr std::chrono::seconds link_patience{30}, data_patience{120};

/// A system call, again as long as signals interrupt it.
template <class Call>
ssize_t uninterrupted(Call call) {
  ssize_t result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

/// Non-blocking, no delay of small writes, and dead peers are noticed: keep-alive probes after 10 s of
/// silence, and `patience`. Buffers are left to the kernel's autotuning.
void tune(tcp::socket& socket, std::chrono::seconds patience);
/// Closes with RST: the peer sees an error, never an end of file.
void reset(tcp::socket& socket);
/// Error of a system call that just failed.
inline std::error_code last_error() { return {errno, std::generic_category()}; }
/// The socket's pending error (SO_ERROR).
std::error_code pending_error(tcp::socket& socket);

} // namespace hublink
