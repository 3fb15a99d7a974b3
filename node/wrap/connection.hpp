#pragma once
/// Connections through the gateway. The kernel itself reports them: a socket that waits is not writable, one
/// that is refused has an error. No call waits for the gateway, unless the application waits for its
/// connection. Thread-safe and async-signal-safe, but for errno.
#include "note.hpp"

namespace hublink::wrap {

enum class progress {
  none, ///< it is no connection through the gateway
  waiting,
  connected,
  refused
};

/// 0, or the error that `connect` has to say.
int begin_connection(int fd, const plain_address& to);
/// `connect` on a socket that waits already.
int go_on_with_connection(int fd);

progress progress_of(int fd, note& known);
/// `connect` once more, of one that is connected.
int dial_gateway(int fd);
/// Says the opening if the gateway's answer to the dial has come meanwhile. False: it waits for nothing.
bool push_connection(int fd);

/// Of one that is refused: why. It is forgotten.
int reason_of(int fd);
/// The same, and the socket can be used again.
int take_reason(int fd);
/// `result` of a call on the socket; in the place of a reset, errno says the reason.
ssize_t with_reason(int fd, ssize_t result);
/// Is it an option that has another value until the answer?
bool is_changed_while_waiting(int level, int name);
/// What the application has set of it.
void show_own(int level, int name, const note& known, void* value, socklen_t size);
/// The application has its options back.
void settle(int fd, const note& known);
/// It uses the socket for something else.
void abandon(int fd);
/// It takes its request back before the answer.
int take_back(int fd); ///< as its `connect` to AF_UNSPEC
/// It is about to close `fd`: the gateway is to hear of it at once if nobody else has the socket.
void close_connection(int fd);

} // namespace hublink::wrap
