#pragma once
/// One TLS connection to a neighbour: handshake, `hello` both ways, then frames. docs/protocol/links.md,
/// "Links". One thread.
#include "actors/ports/data_plane.hpp"
#include "node/line/neighbour_line.hpp"
#include "node/link/tls_context.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/link/link_message.hpp"

#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hublink {

/// What all links of a node share.
struct link_setup {
  std::shared_ptr<asio::ssl::context> tls;
  plane_identity own;
  hello mine;
};

class tls_link : public std::enable_shared_from_this<tls_link> {
 public:
  /// Bytes that may wait to be written; more take the link down as `busy`.
  static constexpr std::size_t max_queued = 4 << 20;
  /// Of a frame, before `hello` has shown who the peer is.
  static constexpr std::uint32_t max_greeting = 1024;

  struct handler {
    std::function<void(const hello& peer)> up;                             ///< once
    std::function<void(link_message message, std::size_t bytes)> received; ///< only after `adopt`
    std::function<void(const failure& why)> down;                          ///< once, and nothing after it
    /// Asked after each message: how long nothing more is read.
    std::function<std::chrono::milliseconds()> pause{};
    std::function<void(std::size_t bytes)> written{}; ///< of what was sent, heads included
  };

  tls_link(tcp::socket socket, std::shared_ptr<const link_setup> setup, handler events);

  /// Its part in a line, from a socket that has one already, or as of the socket that it has.
  void is_of(line_member_ptr line) { line_ = std::move(line); }
  int native_handle() { return stream_.next_layer().native_handle(); }

  /// The peer must be called `expected`.
  void start_dialled(std::string expected);
  /// `ticket` is held until the peer has shown who it is, or the socket is closed.
  void start_accepted(std::shared_ptr<void> ticket);
  /// Once it is up.
  std::uint16_t version() const { return version_; }
  link_binding binding() const;
  /// Until when the peer's certificate counts; `not_authorised` if it does no more.
  outcome<trust::clock_time> trusted_until();
  /// Shows this node's certificate, where that is another one by now than was shown last. Once it is up.
  void show_newer();
  /// What the peer shows. Fails as `check_shown`.
  outcome<trust::clock_time> take_newer(const shown_certificate& shown);
  /// Bytes of TLS on the socket so far.
  std::uint64_t received() const;
  std::uint64_t sent() const;
  /// Starts reading. Once, after `up`.
  void adopt();
  void send(const bytes& message);
  /// Bytes that wait to be written.
  std::size_t unwritten() const { return queued_.size() + writing_.size(); }
  /// Sends what is queued, then closes. No event follows.
  void hang_up();
  /// Closes at once. No event follows.
  void abort();

 private:
  void handshake(asio::ssl::stream_base::handshake_type type);
  bool verify(bool fine, asio::ssl::verify_context& context);
  void shake_failed(std::error_code error);
  void read_frame();
  void read_on();
  void read_body(std::uint32_t size);
  void take(const link_message& message);
  void take_hello(const hello& theirs);
  void flush();
  void fail(const failure& why);
  void start_closing();
  void linger();
  void discard();
  void close();

  asio::ssl::stream<tcp::socket> stream_;
  line_member_ptr line_; ///< null: not known yet
  std::shared_ptr<const link_setup> setup_;
  handler events_;
  std::shared_ptr<void> ticket_;
  std::string where_, expected_; ///< peer's address; its name, if dialled
  trust::holder peer_;           ///< from the certificate
  shown_certificates shown_;
  std::uint16_t version_ = 0;
  std::string refusal_; ///< what is wrong with the peer's certificate
  std::array<std::byte, 4> head_{};
  bytes body_, queued_, writing_;
  asio::steady_timer close_limit_, pause_;
  enum class state : std::uint8_t { shaking, greeting, up, closing, over } state_ = state::shaking;
  bool reading_ = false;
};

} // namespace hublink
