#pragma once
/// `DIR/control.sock` (0600): where commands reach a running node. One request a connection.
#include "node/requests/local_request.hpp"

#include <asio.hpp>

#include <filesystem>
#include <memory>
#include <set>

namespace hublink {

/// Lives on one io thread; `stop` there or after that thread ended.
class control_socket {
 public:
  control_socket(asio::io_context& context, caf::actor_system& system, control_services services);
  ~control_socket();

  /// Replaces a socket that a killed node left. Fails with the path.
  outcome<> listen(const std::filesystem::path& directory);
  void stop();

 private:
  class session;

  void accept();

  asio::io_context& context_;
  caf::actor_system& system_;
  control_services services_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::filesystem::path path_;
  std::set<std::shared_ptr<session>> sessions_;
};

} // namespace hublink
