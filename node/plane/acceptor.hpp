#pragma once
/// The node's one listening port: tells links from data sockets by their first byte. docs/protocol.md, "One
/// port". One thread.
#include "node/socket/sockets.hpp"
#include "node/socket/unproven_connections.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/fair_queue.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace hublink {

class acceptor {
 public:
  struct handler {
    /// A TLS handshake follows on the socket. The ticket ends the connection's time once it is destroyed.
    std::function<void(tcp::socket, std::shared_ptr<unproven_connections::ticket>)> link;
    std::function<void(tcp::socket, const token&)> data; ///< a socket that showed this token
  };

  struct limits {
    std::size_t unproven = 512; ///< connections that have not shown yet who they are, in all
    int handshakes = 500;       ///< handed over a second, in turn for the addresses that they come from
  };

  acceptor(asio::io_context& context, limits most, handler events);

  /// Binds and listens: connections wait until `start`. `bad_config` names the address.
  outcome<> open(const endpoint& where);
  endpoint local() const; ///< with the port that was chosen for port 0
  void start();
  void close();

 private:
  class caller;
  void accept();
  void welcome(tcp::socket socket);
  void pause();
  void watch_time();
  /// Hands the next handshakes over, as many as may begin now.
  void shake_next();

  tcp::acceptor listener_;
  std::shared_ptr<unproven_connections> unproven_;
  std::shared_ptr<handler> events_;
  std::chrono::microseconds handshake_takes_;
  fair_queue<std::shared_ptr<caller>> handshakes_;
  asio::steady_timer pause_, deadline_, next_handshake_;
  std::chrono::steady_clock::time_point handshake_due_{};
  bool watching_ = false, shaking_ = false;
};

} // namespace hublink
