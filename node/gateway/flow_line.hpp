#pragma once
/// What brings datagrams to the other gateway: a link to it, or this node itself.
#include "actors/ports/data_plane.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <memory>

namespace hublink {

class flow_line {
 public:
  virtual ~flow_line() = default;
  /// Names it among the lines of this node.
  virtual circuit_id circuit() const = 0;
  virtual const std::string& peer() const = 0;
  /// Something new may be opened on it.
  virtual bool takes_streams() const = 0;
  virtual outcome<mux_id> open_flow(const mux_target& target) = 0;
  /// Right behind `open_flow`.
  virtual void rule_flow(mux_id flow, const mux_flow_rules& rules) = 0;
  virtual void send_datagram(mux_id flow, byte_view data) = 0;
  /// One from, or to, an address that is not the flow's destination.
  virtual void send_beside(mux_id flow, const endpoint& where, byte_view data) = 0;
  /// Behind what was sent.
  virtual void end_flow(mux_id flow, const mux_refusal& why) = 0;
  virtual std::shared_ptr<flow_line> share_line() = 0;
};

} // namespace hublink
