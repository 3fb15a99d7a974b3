#pragma once
/// The node's one listening port: tells links from data sockets by their first byte. docs/protocol.md, "One
/// port". One thread.
#include "node/socket/sockets.hpp"
#include "node/socket/unproven_connections.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

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

  /// `max_unproven`: connections that have not shown yet who they are, in all.
  acceptor(asio::io_context& context, std::size_t max_unproven, handler events);

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

  tcp::acceptor listener_;
  std::shared_ptr<unproven_connections> unproven_;
  std::shared_ptr<handler> events_;
  asio::steady_timer pause_, deadline_;
  bool watching_ = false;
};

} // namespace hublink
