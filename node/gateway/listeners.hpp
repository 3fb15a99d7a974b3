#pragma once
/// Takes in the TCP connections of applications: static gateways, SOCKS5, redirected ones. One thread.
#include "node/gateway/socks_login.hpp"
#include "node/gateway/stream_opener.hpp"
#include "node/socket/tcp_listener.hpp"
#include "node/socket/unproven_connections.hpp"

namespace hublink {

class listeners {
 public:
  listeners(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
            stream_opener& opener, socks_users users);
  ~listeners();

  /// Binds: who connects from now on waits for `start`.
  void open();
  void start();
  /// Closes those that it has not, and opens those that are new.
  void define(definition_ptr self);
  void close();
  void fill(gateway_report& report) const;

 private:
  enum class kind : std::uint8_t { gateway, socks, redirect };
  struct entrance {
    kind what{};
    listener_report shown;
    std::string called; ///< of a static gateway
    endpoint where;
    std::shared_ptr<tcp_listener> port;
  };

  /// What the definition wants, closed yet.
  std::vector<std::shared_ptr<entrance>> wanted_listeners();
  std::shared_ptr<entrance> make_listener(kind what, listener_report shown, const endpoint& where);
  void tune(tcp::acceptor& acceptor, kind what, const std::string& name);
  void accept(const std::shared_ptr<entrance>& listener);
  void take(entrance& listener, tcp::socket socket, const endpoint& from);
  void take_socks(tcp::socket socket, const endpoint& from);
  /// Of that application's share of the streams to that gateway; else it is refused.
  bool has_room(const std::string& listener, const std::string& called, const endpoint& from);
  void take_redirected(entrance& listener, tcp::socket socket, const endpoint& from);

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  stream_opener& opener_;
  socks_login login_;
  static constexpr std::size_t most_silent = 1024;
  /// Applications at the SOCKS listener that have not asked yet.
  std::shared_ptr<unproven_connections> silent_ = unproven_connections::make(most_silent, most_silent);
  std::vector<std::shared_ptr<entrance>> listeners_;
};

} // namespace hublink
