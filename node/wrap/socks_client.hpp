#pragma once
/// The application's side of the gateway's SOCKS5 listener. Works on blocking and non-blocking sockets alike,
/// and changes neither.
#include "settings.hpp"

namespace hublink::wrap {

/// A UDP port of the gateway that leads to `to`, for as long as `control` is open. 0, or an error.
int socks_datagrams(const plain_address& to, sockaddr_storage& port, int& control);

} // namespace hublink::wrap
