#pragma once
/// What those who take in applications need of the gateway plane.
#include "actors/definition/definition.hpp"
#include "node/gateway/flow_line.hpp"
#include "node/gateway/gateway_stream.hpp"

namespace hublink {

/// A UDP port of the gateway that an application asked for.
struct datagram_port {
  std::string peer;
  mux_target target;
  mux_flow_rules rules;
  ip_address listen, application; ///< serves that address alone
  /// A further port stands for somebody who replied, and is not the target.
  std::function<void(const endpoint& port, const endpoint& stands_for)> replied_beside;
};

struct stream_opener {
  virtual ~stream_opener() = default;
  /// Over the link to `peer`, now or when it is there. The stream is answered in any case.
  virtual void open_stream(const std::string& peer, const mux_target& target,
                           std::shared_ptr<gateway_stream> stream) = 0;
  /// How the application at that address watches over its connection. False: it has none here.
  virtual bool keep_alive(const endpoint& application, const mux_keep_alive& how) = 0;
  /// What leads to `peer` if there is anything; else null, and a link is asked for.
  virtual std::shared_ptr<flow_line> want_line(const std::string& peer) = 0;
  /// Its number and address.
  virtual outcome<std::pair<std::size_t, endpoint>> open_datagrams(datagram_port wanted) = 0;
  /// Once what was sent there before has gone on.
  virtual void close_datagrams(std::size_t port) = 0;
  /// How many more gateways the connection from that address may pass: fewer if it comes from this gateway
  /// itself.
  virtual std::uint8_t hops_of(const endpoint& application) = 0;
};

} // namespace hublink
