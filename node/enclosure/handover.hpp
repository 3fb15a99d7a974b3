#pragma once
/// What the carrier of an enclosure gives to the process that goes in.
#include "node/base/unique_fd.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

struct namespace_pair {
  unique_fd user; ///< none: that of the process itself
  unique_fd network;
};

/// Over a socket of SOCK_SEQPACKET; or why there are none.
void hand_over(int socket, const outcome<namespace_pair>& what);
outcome<namespace_pair> take_over(int socket);

} // namespace hublink
