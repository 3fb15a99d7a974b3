#pragma once
/// Addresses as sockets want them.
#include "settings.hpp"

namespace hublink::wrap {

/// The same address as a socket of that family can use it. 0 if it can't.
socklen_t as_family(int family, const plain_address& from, sockaddr_storage& to);

/// As `fd` can use it, which may have been for IPv6 alone and is not any more, if it can be changed yet.
socklen_t as_socket(int fd, const plain_address& from, sockaddr_storage& to);

/// Writes it as the system's calls do: cut to the room, with its whole size. Nothing if that family can't.
void show(const plain_address& what, int family, sockaddr* into, socklen_t room, socklen_t& size);

} // namespace hublink::wrap
