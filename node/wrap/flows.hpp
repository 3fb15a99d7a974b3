#pragma once
/// The gateway's ports for an application's datagrams. A socket is known by the kernel's number, which `dup`
/// and `fork` keep. Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

/// The gateway's UDP port for datagrams from `fd` to `to`, asked for when it is needed. 0, or an error.
int port_towards(int fd, const plain_address& to, plain_address& port);
/// The same, if it was asked for already.
bool known_port(int fd, const plain_address& to, plain_address& port);
/// `fd` was connected to the port towards `to`.
void remember_connected(int fd, const plain_address& to);
/// Of one that was: has its port ended, because a stranger closed what kept it alive?
bool has_lost_port(int fd);
/// Whose datagrams come from that port.
bool original_source(int fd, const plain_address& port, plain_address& from);
/// `fd` is about to be closed: its ports end with its last descriptor.
void forget(int fd);
/// It is passed to others: its ports live as long as the process.
void keep(int fd);
/// A descriptor of the library, of which the application knows nothing?
bool is_own(int fd);
/// Somewhere else, for the application wants that number.
void move_own(int fd);

} // namespace hublink::wrap
