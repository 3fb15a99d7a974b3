#pragma once
/// Where a namespace's connections to the outside begin. The packet that opens one waits here, as a copy,
/// until it is known what becomes of it; then it goes its way with a mark, and the kernel does the rest: so
/// `connect` returns what it returns without a gateway, when it would. One thread.
#include "node/enclosure/marked_packets.hpp"
#include "node/enclosure/opening_segment.hpp"
#include "node/socket/sockets.hpp"

#include <asio/posix/stream_descriptor.hpp>

#include <functional>

namespace hublink {

class connection_door {
 public:
  struct handlers {
    std::function<void(opening_segment)> opening; ///< again for each retransmission
    std::function<void(const endpoint& from, const endpoint& to, tcp::socket)> opened; ///< after `admitted`
  };

  connection_door(asio::io_context& context, own_network& network, handlers what);

  /// `bad_config`: such sockets may not be made here.
  outcome<> open();
  void send(const opening_segment& opening, packet_mark mark) {
    packets_out_.send(opening.to.address, opening.packet, mark);
  }

 private:
  outcome<> listen(bool v6);
  outcome<> watch_loopback();
  void read_packets();
  void accept(tcp::acceptor& from);

  asio::io_context& context_;
  own_network& network_;
  handlers handlers_;
  tcp::acceptor v4_, v6_;
  asio::posix::stream_descriptor packets_in_;
  marked_packets packets_out_;
};

/// Binds to all addresses, foreign ones included, as a listener of `packet_rules`. 0, or an error.
int bind_for_all(int fd, bool v6);

} // namespace hublink
