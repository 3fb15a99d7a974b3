#pragma once
/// Listeners for HTTP on a thread of their own, so that who asks slowly, much or badly holds up nothing that
/// a node is there for.
#include "node/socket/tcp_listener.hpp"
#include "node/web/web_connection.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/ssl/context.hpp>

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hublink {

class web_server {
 public:
  struct place {
    std::string name; ///< as messages call it
    endpoint where;
    std::shared_ptr<asio::ssl::context> tls; ///< null: in clear
    web_service& service;                    ///< outlives the server's `stop`
  };

  web_server();
  ~web_server() { stop(); }

  /// Binds it. Fails with `bad_config`.
  outcome<> open(place at);
  void start();
  /// Nothing is served any more.
  void stop();

  asio::io_context& context() { return *context_; }
  web_thread thread() const { return web_thread{context_}; }

 private:
  void take(const place& at, tcp::socket socket, const endpoint& from);
  bool make_room();

  std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>();
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::pair<place, std::shared_ptr<tcp_listener>>> places_;
  std::set<std::shared_ptr<web_connection>> connections_;
  std::deque<std::weak_ptr<web_connection>> by_age_;
  std::thread runner_;
};

} // namespace hublink
