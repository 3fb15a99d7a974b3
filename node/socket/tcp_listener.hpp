#pragma once
/// A TCP port at which this process takes connections. One thread.
#include "node/socket/descriptor_room.hpp"
#include "node/socket/opening.hpp"
#include "node/socket/sockets.hpp"

namespace hublink {

class tcp_listener : public std::enable_shared_from_this<tcp_listener> {
 public:
  struct place {
    std::string name; ///< as messages call it: `gateway db`
    endpoint where;
    entrance_kind of = entrance_kind::application;
    bool v4_too = false; ///< of `[::]`: it takes IPv4, too
    int backlog = asio::socket_base::max_listen_connections;
  };
  struct handler {
    std::function<void(tcp::socket, const endpoint& from)> taken;
    /// The process is short of descriptors or memory: gives something up for a connection. False: there is
    /// nothing.
    std::function<bool()> make_room = [] { return false; };
  };

  tcp_listener(
      asio::io_context& context, place at, std::function<void(tcp::acceptor&)> tune = [](tcp::acceptor&) {});

  /// Binds and listens: connections wait until `start`. Fails with the system's reason.
  outcome<> open() { return opening_->try_now(); }
  /// Takes connections; where it is not open yet, as soon as it is.
  void start(handler events);
  void close();
  /// What it was tuned to is another thing now.
  void tune_again();

  bool is_open() const { return opening_->is_open(); }
  const std::string& reason() const { return opening_->reason(); }
  /// With the port that was chosen for port 0.
  endpoint local() const;

 private:
  outcome<> bind();
  void accept();
  void pause(const std::string& why);

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  place at_;
  std::function<void(tcp::acceptor&)> tune_;
  handler events_;
  tcp::endpoint from_{}; ///< who was accepted last
  std::shared_ptr<opening> opening_;
};

} // namespace hublink
