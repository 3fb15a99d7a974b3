#pragma once
/// The application's side of the gateway's SOCKS5 listener. Works on blocking and non-blocking sockets alike,
/// and changes neither.
#include "settings.hpp"

namespace hublink::wrap {

/// A UDP port of the gateway that leads to `to`, for as long as `control` is open. 0, or an error.
int socks_datagrams(const plain_address& to, sockaddr_storage& port, int& control);

/// What the gateway has said on `control` since: its `port` stands for that address, which replied and is not
/// the destination. Does not wait. False: nothing more.
bool read_notice(int control, plain_address& port, plain_address& stands_for);

} // namespace hublink::wrap
