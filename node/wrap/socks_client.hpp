#pragma once
/// The application's side of the gateway's SOCKS5 listener. Works on blocking and non-blocking sockets alike,
/// and changes neither.
#include "settings.hpp"

namespace hublink::wrap {

/// Connects `fd` to the gateway and asks for `to`. 0, or the error that `connect` has to say. Deferred: the
/// destination's answer is not waited for; `fd` can't send until it is there.
int socks_connect(int fd, const plain_address& to, bool deferred);

/// Was the deferred connection refused?
bool is_refused(int fd);
/// Why. The socket can be used again.
int take_refusal(int fd);

/// A UDP port of the gateway that leads to `to`, for as long as `control` is open. 0, or an error.
int socks_datagrams(const plain_address& to, sockaddr_storage& port, int& control);

/// The same address as a socket of that family can use it. 0 if it can't.
socklen_t as_family(int family, const plain_address& from, sockaddr_storage& to);

} // namespace hublink::wrap
