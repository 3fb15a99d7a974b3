#pragma once
/// How this node treats its TCP sockets.
#include "protocol/address.hpp"

#include <asio/ip/tcp.hpp>

namespace hublink {

using asio::ip::tcp;

tcp::endpoint to_asio(const endpoint& where);
endpoint from_asio(const tcp::endpoint& where);

/// Non-blocking, no delay of small writes, and dead peers are noticed: keep-alive probes after 10 s of
/// silence, TCP_USER_TIMEOUT (30 s) for what is not acknowledged. Buffers are left to the kernel's
/// autotuning.
void tune(tcp::socket& socket);
/// Closes with RST: the peer sees an error, never an end of file.
void reset(tcp::socket& socket);
/// Error of a system call that just failed.
inline std::error_code last_error() { return {errno, std::generic_category()}; }
/// The socket's pending error (SO_ERROR).
std::error_code pending_error(tcp::socket& socket);

} // namespace hublink
