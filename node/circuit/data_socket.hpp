#pragma once
/// A circuit's connection to one neighbour.
#include "node/line/neighbour_line.hpp"
#include "node/socket/sockets.hpp"

namespace hublink {

struct data_socket {
  tcp::socket socket;
  line_member_ptr line; ///< null: it is of none

  data_socket(tcp::socket of, line_member_ptr in = {}) : socket(std::move(of)), line(std::move(in)) {}

  void close() {
    if (line) line->leave();
    std::error_code ignored;
    socket.close(ignored);
  }
  /// As `hublink::reset`.
  void reset() {
    if (line) line->leave();
    hublink::reset(socket);
  }
};

} // namespace hublink
