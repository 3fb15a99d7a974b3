#pragma once
/// The server's side of SOCKS5 (RFC 1928, RFC 1929) up to the request, without I/O. Bytes come in the pieces
/// that it asks for, so that none of the application's own is taken.
#include "protocol/base/secret.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <optional>

namespace hublink {

class socks_server {
 public:
  /// Three are hublink's own, for `hublink wrap`. `deferred`: nothing is said back (`is_silent`), and behind
  /// the request comes padding; the connection itself answers, by taking it, or by a reset behind the reply's
  /// code as urgent data. `datagrams`: the reply names a UDP port that leads to the target alone, for as long
  /// as this connection lives; the request's reserved byte is the reply time-out in seconds; further ones may
  /// follow. `rules`: sixteen
  /// bytes in the place of an IPv6 address (docs/reference/gateways.md). With port 0 they are for the request
  /// behind them, and unanswered; else for the stream of the application at that port of the same address.
  enum class command : std::uint8_t { connect = 1, deferred = 0x81, datagrams = 0x83, rules = 0x84 };

  struct request {
    command what = command::connect;
    mux_target target; ///< of `rules`, the port alone
    mux_keep_alive keep_alive{};
    mux_flow_rules replies{};
    std::uint32_t padding = 0; ///< deferred: bytes of it
  };
  struct login {
    std::string user;
    secret password;
  };
  /// What to send, and what then. `failed`: close after sending; a silent client is told the one byte of
  /// `reply` as urgent data, before a reset.
  struct step {
    bytes reply{};
    std::optional<request> asked{};
    bool failed = false;
    std::string why{};            ///< failed
    std::optional<login> shown{}; ///< `judged` goes on when it was checked
  };

  explicit socks_server(bool wants_password) : wants_password_(wants_password) {}

  /// So many bytes must come next; 0 once there was `asked` or `failed`, and before `judged`.
  std::size_t wants() const { return wants_; }
  /// The client hears nothing before its answer: what it has to say comes at once.
  bool is_silent() const { return silent_; }
  step received(byte_view data);
  /// Is it that user's password?
  step judged(bool right);
  /// After `datagrams` was asked, and answered: what comes next is another such request.
  void go_on();

 private:
  enum class stage : std::uint8_t {
    greeting,
    methods,
    user_size,
    user,
    password,
    judging,
    head,
    name_size,
    address,
    padding
  };

  step next(stage to, std::size_t wants, bytes reply = {});
  step fail(std::string why, bytes reply = {});
  step take_methods(byte_view methods);
  step take_password(byte_view password);
  step take_head(byte_view head);
  step take_address(byte_view data);
  step take_rules(byte_view data);

  bool wants_password_;
  bool silent_ = false;
  bool has_ports_ = false;
  stage stage_ = stage::greeting;
  std::size_t wants_ = 2;
  std::string user_;
  request request_;
  std::uint8_t kind_ = 0;
};

/// What a client of another protocol is told, before this side hangs up: SOCKS4's or HTTP's own refusal, a
/// TLS alert; nothing to others. `first`: the two bytes that came in place of a greeting.
bytes refusal_of_stranger(byte_view first);

/// The answer to a request: why it is refused, or nothing, and the address that the gateway uses for it.
bytes socks_reply(std::optional<mux_reason> refused, const endpoint& bound);
/// Behind the answer to `datagrams`: that port of the gateway stands for that address, which replied and is
/// not the target. A reply whose reserved byte is 1, and the address once more as in one.
bytes socks_beside(const endpoint& port, const endpoint& stands_for);
/// Why, in one byte.
std::byte socks_code(mux_reason why);

} // namespace hublink
