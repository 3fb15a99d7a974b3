#pragma once
/// What is to be known of a connection through the gateway. It stands at the socket itself, as record locks
/// of its open file: so it is there for whoever has the socket, by `dup`, `fork`, `exec` or from another
/// process, ends with it, and takes no rights. Thread-safe and async-signal-safe, but for errno.
#include "settings.hpp"

#include <sys/types.h>

namespace hublink::wrap {

struct note {
  plain_address original; ///< where the application connects to
  std::uint32_t opening; ///< bytes that are said to the gateway before the application's own; 0: of datagrams
  int low_water;         ///< TCP_NOTSENT_LOWAT of the application
  linger at_close;       ///< SO_LINGER
  unsigned user_timeout_ms; ///< TCP_USER_TIMEOUT
  pid_t owner;              ///< who connects
};

/// False: there is none.
bool read_note(int fd, note& into);
/// In the place of the one before, at once: who reads meanwhile finds one of the two. False: there is no
/// memory, or no lock to be had.
bool write_note(int fd, const note& what);
void erase_note(int fd);

} // namespace hublink::wrap
