#pragma once
/// Outgoing connections.
#include "actors/definition/definition.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/base/errors.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>

namespace hublink {

/// How a node dials.
struct dial_settings {
  std::chrono::milliseconds timeout{3000}; ///< for all addresses together
  std::vector<ip_address> bind;            ///< dials come from the first of these of the destination's family
  /// Where dials to loopback come from: there the system's choice would be the same for all nodes.
  std::vector<ip_address> on_loopback;
  /// Called with a connection's own address before it can have arrived anywhere; for each attempt.
  std::function<void(const endpoint& local)> begun{};

  /// Nothing: the system chooses.
  std::optional<ip_address> source_for(const ip_address& destination) const;
};

/// As that node dials.
dial_settings dialling_of(const definition& self);

/// What became of a dial.
struct dialled {
  std::shared_ptr<tcp::socket> socket; ///< null: it failed
  endpoint where;                      ///< where it leads
  std::error_code error{};             ///< of a failure: of the address that said most
  std::string text{};                  ///< of a failure: each address and why
};

/// Dials the addresses of one machine until one answers (RFC 8305): each a moment after the one before, or as
/// soon as that one failed. Never connected to itself, as a dial of a free port of this machine may be. Calls
/// `done` once, later. An application's connection, so not tuned.
void connect_plainly(asio::io_context& context, endpoints where, const dial_settings& how,
                     std::function<void(dialled)> done);

struct connection {
  std::shared_ptr<tcp::socket> socket;
  endpoint where;
};
/// The same, tuned, or `hop_down` (refused, reset) or `line_down` (anything else) with the addresses and why.
void connect(asio::io_context& context, endpoints where, const dial_settings& how,
             std::function<void(outcome<connection>)> done);

/// The other addresses, in their order.
endpoints without(endpoints all, const endpoint& one);

} // namespace hublink
