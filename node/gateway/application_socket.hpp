#pragma once
/// An application's TCP socket: how it is set up, and what the system knows of the application's machine.
#include "actors/gateway/stream_life.hpp"
#include "node/socket/sockets.hpp"

#include <optional>

namespace hublink {

/// Of an application's connection, or of a listener whose connections inherit it: interactive and bulk use,
/// urgent bytes stay where they are in the stream, and who is silent is asked whether he is there.
/// No TCP_USER_TIMEOUT: the system counts the time in which an application that is there reads nothing.
void tune_application(int fd, const stream_life& life);
/// As an application wants it, where that notices sooner; what it does not say stays.
void keep_alive(int fd, const mux_keep_alive& how);

/// Is the next byte an urgent one?
bool is_at_urgent_byte(int fd);

/// What the system knows of a connection.
struct connection_look {
  std::uint64_t moved = 0; ///< bytes, in either direction, that the application's machine sent or took
  std::size_t unread = 0;  ///< bytes that came, and wait to be read here
  /// Its machine does not acknowledge what was sent, nor that it has no room for more, for so long.
  std::chrono::milliseconds unanswered{0};
};
connection_look look_at(int fd);

/// Why a connection broke, as the other gateway is told.
mux_reason reason_of_break(int error);
/// One line for who looks at a stream that ended by a reset: `by` whom, and why.
std::string reset_text(mux_reason why);

} // namespace hublink
