#pragma once
/// Where the node is dialled, one port or more: tells links, data sockets and enrolments by their first byte.
/// docs/protocol/links.md, "One port". One thread.
#include "node/socket/tcp_listener.hpp"
#include "node/socket/unproven_connections.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/dial_address.hpp"
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
    /// Somebody from that address who may want to enrol; nothing was read yet. Null: they are turned away.
    std::function<void(tcp::socket, std::string source, std::shared_ptr<unproven_connections::ticket>)>
        enrolment{};
  };

  struct limits {
    std::size_t unproven = 512; ///< connections that have not shown yet who they are, in all
    int handshakes = 500;       ///< handed over a second, in turn for the addresses that they come from
  };

  acceptor(asio::io_context& context, limits most, handler events);

  /// Binds and listens: connections wait until `start`. One of several addresses is enough; the others are
  /// tried again from `start` on. `bad_config` names the addresses.
  outcome<> open(const endpoints& where);
  endpoints local() const; ///< those at which it listens, with the port that was chosen for port 0
  void start();
  void close();

 private:
  class caller;
  void welcome(tcp::socket socket, const endpoint& from);
  void watch_time();
  /// Hands the next handshakes over, as many as may begin now.
  void shake_next();

  asio::io_context& context_;
  std::vector<std::shared_ptr<tcp_listener>> listeners_;
  std::shared_ptr<unproven_connections> unproven_;
  std::shared_ptr<handler> events_;
  std::chrono::microseconds handshake_takes_;
  fair_queue<std::shared_ptr<caller>> handshakes_;
  asio::steady_timer deadline_, next_handshake_;
  std::chrono::steady_clock::time_point handshake_due_{};
  bool watching_ = false, shaking_ = false;
};

} // namespace hublink
