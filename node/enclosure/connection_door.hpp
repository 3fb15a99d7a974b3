#pragma once
/// Where a namespace's connections to the outside begin. The packet that opens one waits here, as a copy,
/// until it is known what becomes of it; then it goes its way with a mark, and the kernel does the rest: so
/// `connect` returns what it returns without a gateway, when it would. One thread.
#include "node/enclosure/opening_segment.hpp"
#include "node/enclosure/own_network.hpp"
#include "node/enclosure/packet_rules.hpp"
#include "node/socket/sockets.hpp"

#include <asio/posix/stream_descriptor.hpp>

#include <functional>
#include <map>

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
  void send(const opening_segment& opening, packet_mark mark);

 private:
  outcome<> listen(bool v6);
  outcome<> watch_loopback();
  void read_packets();
  void accept(tcp::acceptor& from);
  int sender(packet_mark mark, bool v6);

  asio::io_context& context_;
  own_network& network_;
  handlers handlers_;
  tcp::acceptor v4_, v6_;
  asio::posix::stream_descriptor packets_;
  std::map<std::pair<packet_mark, bool>, unique_fd> senders_; ///< raw sockets
};

/// Binds to all addresses, foreign ones included, as a listener of `packet_rules`. 0, or an error.
int bind_for_all(int fd, bool v6);
/// For what is sent from inside to inside.
int mark_packets(int fd, packet_mark mark);

} // namespace hublink
