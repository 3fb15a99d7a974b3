#pragma once
/// UDP ports of one application's flow, each of which stands for an address that replied to it and is not its
/// destination: what the application sends there goes there. One thread.
#include "node/socket/udp_socket.hpp"

#include <deque>

namespace hublink {

class beside_ports {
 public:
  /// The application sent `data` to the port that stands for `to`.
  using handler = std::function<void(const endpoint& to, byte_view data)>;
  using notice = std::function<void(const endpoint& port, const endpoint& stands_for)>;

  /// `at`: where they listen. `opened` is called before the first datagram of a port.
  beside_ports(asio::io_context& context, const ip_address& at, const endpoint& application, handler got,
               notice opened);
  ~beside_ports();

  /// From the port that stands for that address; it is opened where there is none, and the oldest makes room.
  /// False: it was not sent.
  bool send(const endpoint& from, byte_view data);

 private:
  struct port {
    endpoint stands_for;
    std::shared_ptr<udp_socket> socket;
  };
  static constexpr std::size_t most = 16;

  std::shared_ptr<udp_socket> socket_for(const endpoint& from);

  asio::io_context& context_;
  ip_address at_;
  endpoint application_;
  handler got_;
  notice opened_;
  std::deque<port> ports_;
};

} // namespace hublink
