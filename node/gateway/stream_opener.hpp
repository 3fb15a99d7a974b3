#pragma once
/// What those who take in applications need of the gateway plane.
#include "actors/definition/definition.hpp"
#include "node/gateway/gateway_link.hpp"

namespace hublink {

struct stream_opener {
  virtual ~stream_opener() = default;
  /// Over the link to `peer`, now or when it is there. The stream is answered in any case.
  virtual void open_stream(const std::string& peer, const mux_target& target,
                           std::shared_ptr<gateway_stream> stream) = 0;
  /// The link to `peer` if there is one; else null, and it is asked for.
  virtual std::shared_ptr<gateway_link> want_link(const std::string& peer) = 0;
  /// A UDP port at `listen` that leads to `target` for the application at `from` alone; its number and
  /// address.
  virtual outcome<std::pair<std::size_t, endpoint>> open_datagrams(const std::string& peer,
                                                                   const mux_target& target,
                                                                   const ip_address& listen,
                                                                   const ip_address& from) = 0;
  virtual void close_datagrams(std::size_t port) = 0;
  /// How many more gateways the connection from that address may pass: fewer if it comes from this gateway
  /// itself.
  virtual std::uint8_t hops_of(const endpoint& application) = 0;
};

} // namespace hublink
