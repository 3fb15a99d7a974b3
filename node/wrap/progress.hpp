#pragma once
/// Connections of non-blocking sockets whose destination has not answered yet. The kernel itself reports
/// them: a socket that waits is not writable, one that is refused has an error. Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

enum class progress { none, waiting, connected, refused };

/// Begins. 0, or the error that `connect` has to say.
int begin_connection(int fd, const plain_address& to, const plain_address& via);
/// `connected` is said once. `none`: nothing was begun, or it has been said.
progress progress_of(int fd);
/// Of a connection that is refused. It is forgotten, and the socket can be used again.
int reason_of(int fd);
/// The application takes the socket back. Its options are as they were.
void abandon(int fd);
/// It closes `fd`: the gateway is to hear of it at once if nobody else has the socket. False: nothing waits.
bool close_waiting(int fd);

} // namespace hublink::wrap
