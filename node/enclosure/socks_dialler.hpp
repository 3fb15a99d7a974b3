#pragma once
/// The application's side of a gateway's SOCKS5 listener (RFC 1928, RFC 1929), for whoever speaks for
/// applications. One thread.
#include "node/socket/sockets.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/secret.hpp"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace hublink {

struct socks_gateway {
  endpoint where;
  std::string user{}; ///< empty: it wants none
  secret password{};
  std::uint16_t reply_timeout_s = 5; ///< of datagrams
  bool replies_extend = false;
};

/// A name, which the called side looks up, or an address.
struct socks_target {
  std::variant<ip_address, std::string> host;
  std::uint16_t port = 0;
};

enum class socks_answer : std::uint8_t { granted, refused, forbidden, unreachable, timed_out, no_gateway };

/// `bound`: the gateway's address for it.
using socks_handler = std::function<void(socks_answer, std::shared_ptr<tcp::socket>, const endpoint& bound)>;

/// Calls `done` once, later. With `granted` the socket is the connection to the target.
void socks_connect(asio::io_context& context, std::shared_ptr<const socks_gateway> gateway,
                   const socks_target& target, socks_handler done);
/// The same for a UDP port of the gateway that leads to the target for as long as the socket is open.
void socks_datagrams(asio::io_context& context, std::shared_ptr<const socks_gateway> gateway,
                     const socks_target& target, socks_handler done);

} // namespace hublink
