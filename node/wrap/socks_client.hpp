#pragma once
/// The application's side of the gateway's SOCKS5 listener. Works on blocking and non-blocking sockets alike,
/// and changes neither.
#include "settings.hpp"

namespace hublink::wrap {

/// That `port` of the gateway stands for that address, which replied and is not the destination.
struct reply_notice {
  plain_address port, stands_for;
};
using notice_handler = void (*)(int control, const reply_notice& notice);

/// A UDP port of the gateway that leads to `to`, for as long as `control` is open. 0, or an error.
int socks_datagrams(const plain_address& to, plain_address& port, int& control);
/// Another one, by what `socks_datagrams` opened. Notices that come meanwhile are handed on. ECONNRESET:
/// `control` is of no use any more.
int socks_further_datagrams(int control, const plain_address& to, plain_address& port,
                            notice_handler noticed);

/// What the gateway has said on `control` since. Does not wait. False: nothing more.
bool read_notice(int control, reply_notice& into);

} // namespace hublink::wrap
