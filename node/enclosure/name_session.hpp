#pragma once
/// A connection of a program to a name server, whose questions are answered here (RFC 7766).
#include "node/enclosure/name_answers.hpp"
#include "node/socket/sockets.hpp"

namespace hublink {

/// Takes the socket over; ends by itself. `names` is there for longer.
void serve_names(tcp::socket socket, name_answers& names);

} // namespace hublink
