#pragma once
/// What is to be known of a connection through the gateway. It stands in the socket itself, as a filter that
/// lets all packets pass: so it is there for whoever has the socket, by `dup`, `fork`, `exec` or from another
/// process, and needs no lock. Async-signal-safe, but for errno.
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
/// False: it has another filter, or there is no memory.
bool write_note(int fd, const note& what);
void erase_note(int fd);

} // namespace hublink::wrap
