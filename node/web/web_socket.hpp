#pragma once
/// A connection that may have TLS around it. One thread.
#include "node/socket/sockets.hpp"

#include <asio/buffer.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace hublink {

class web_socket {
 public:
  using handler = std::function<void(std::error_code error, std::size_t count)>;

  /// `tls` null: in clear.
  web_socket(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls);

  void shake_hands(std::function<void(std::error_code error)> done);
  void read_some(std::span<char> room, handler done);
  /// All of it; `text` stays where it is until then.
  void write(std::string_view text, handler done);
  /// Calls when the peer has closed its side, or broke off, however much it sent before; in place of what an
  /// earlier call would have called. `owner` lives until the socket is closed.
  void when_hung_up(std::shared_ptr<void> owner, std::function<void()> call);
  /// Says that nothing more comes, and passes over what still does: `done` at its end. A peer that still
  /// writes would otherwise lose what was said to it last.
  void finish(std::function<void()> done);
  void close();

 private:
  void watch(std::shared_ptr<void> owner);
  void pass_over(std::size_t most, std::function<void()> done);

  tcp::socket socket_;
  std::shared_ptr<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::function<void()> hung_up_;
  bool is_watched_ = false;
  std::array<char, 4096> passed_{};
};

} // namespace hublink
