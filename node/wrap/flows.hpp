#pragma once
/// What the library has to remember of an application's sockets. A socket is known by its inode, which `dup`
/// and `fork` keep. Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

/// 0 if `fd` is no socket.
unsigned long socket_id(int fd);

/// Where the application believes to be connected to, if its peer is still `via`.
bool original_peer(int fd, const plain_address& via, plain_address& to);

/// The gateway's UDP port for datagrams from `fd` to `to`, asked for when it is needed. 0, or an error.
int port_towards(int fd, const plain_address& to, plain_address& port);
/// Whose datagrams come from that port.
bool original_source(int fd, const plain_address& port, plain_address& from);
/// `fd` is about to be closed.
void forget(int fd);

} // namespace hublink::wrap
