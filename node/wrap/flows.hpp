#pragma once
/// What the library has to remember of an application's sockets. A socket is known by its inode, which `dup`
/// and `fork` keep. Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

/// 0 if `fd` is no socket.
unsigned long socket_id(int fd);

/// How it is known that a socket's destination has answered, and what the application had set before.
struct awaited {
  unsigned long long sent; ///< bytes that the gateway has let it send by then; 0: no answer is awaited
  int low_water;           ///< TCP_NOTSENT_LOWAT
  linger at_close;
  pid_t owner; ///< who connects
};

/// `fd` was connected to `to` by way of `via`, or is being connected.
void remember_peer(int fd, const plain_address& to, const plain_address& via, const awaited& answer);
/// Is an answer awaited, as far as this process was told?
bool awaits_answer(int fd, awaited& answer);
void awaits_no_more(int fd);
/// `fd` is about to be closed, but others may have the same socket: that of the last few is remembered.
void leave_to_others(int fd);
/// Where the application believes to be connected to, if its peer is still `via`.
bool original_peer(int fd, const plain_address& via, plain_address& to);

/// The gateway's UDP port for datagrams from `fd` to `to`, asked for when it is needed. 0, or an error.
int port_towards(int fd, const plain_address& to, plain_address& port);
/// Whose datagrams come from that port.
bool original_source(int fd, const plain_address& port, plain_address& from);
/// `fd` is about to be closed.
void forget(int fd);

} // namespace hublink::wrap
