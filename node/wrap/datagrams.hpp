#pragma once
/// An application's datagrams, by the gateway's ports.
#include "settings.hpp"

namespace hublink::wrap {

/// The port that is to be used for a datagram from `fd` to `to`, as that socket can use it. 0, or an error.
int redirect(int fd, const sockaddr* to, socklen_t size, sockaddr_storage& instead, socklen_t& instead_size);

/// `connect`.
int connect_datagrams(int fd, const sockaddr* to, socklen_t size);
/// Before it sends on what it is connected to: a port that has ended is made anew. Keeps errno.
void renew_port(int fd);

} // namespace hublink::wrap
