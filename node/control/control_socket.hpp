#pragma once
/// `DIR/control.sock` (0600): where commands reach a running node. One request a connection.
#include "node/control/control_services.hpp"

#include <asio.hpp>

#include <deque>
#include <filesystem>
#include <memory>
#include <set>

namespace hublink {

/// Lives on one io thread; `stop` there or after that thread ended.
class control_socket {
 public:
  control_socket(asio::io_context& context, control_services services, control_server server);
  ~control_socket();

  /// Replaces a socket that a killed node left. Fails with the path.
  outcome<> listen(const std::filesystem::path& directory);
  void stop();

 private:
  class session;

  void accept();
  /// Whoever connects and asks for nothing makes room for others: the oldest first.
  void make_room(std::size_t most_silent);
  void pause(const std::string& why);

  asio::io_context& context_;
  control_services services_;
  control_server server_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::filesystem::path path_;
  std::set<std::shared_ptr<session>> sessions_;
  std::deque<std::weak_ptr<session>> silent_; ///< have not asked for anything; those that did are still there
  asio::steady_timer pause_;
};

} // namespace hublink
