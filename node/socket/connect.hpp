#pragma once
/// Outgoing connections.
#include "node/socket/sockets.hpp"
#include "protocol/base/errors.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>

namespace hublink {

/// How a node dials.
struct dial_settings {
  std::chrono::milliseconds timeout{3000};
  /// Outgoing connections come from this address, so that peers and firewalls see the node's own; where the
  /// system won't have it, from whatever it chooses.
  std::optional<ip_address> source;
  /// Called with the connection's own address before it can have arrived anywhere; again for another attempt.
  std::function<void(const endpoint& local)> begun{};
};

/// Calls `done` once, later: a tuned socket, or `hop_down` (refused, reset) or `line_down` (anything else)
/// with the address and why.
void connect(asio::io_context& context, endpoint where, const dial_settings& how,
             std::function<void(outcome<std::shared_ptr<tcp::socket>>)> done);

/// The same, with the system's error; an application's connection, so not tuned.
void connect_plainly(asio::io_context& context, endpoint where, const dial_settings& how,
                     std::function<void(std::error_code, std::shared_ptr<tcp::socket>)> done);

} // namespace hublink
