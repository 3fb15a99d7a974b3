#pragma once
/// The flows of datagrams on one gateway link, without I/O: what is said of them, and what waits to be sent.
#include "protocol/gateway/mux_buffer.hpp"
#include "protocol/gateway/mux_datagrams.hpp"
#include "protocol/gateway/mux_streams.hpp"

namespace hublink {

/// The owner of a mux, as far as datagrams go. Spans are valid during the call alone.
class mux_flow_port {
 public:
  virtual ~mux_flow_port() = default;
  virtual void flow_asked(mux_id flow, const mux_target& target) = 0;
  /// Of a flow that was asked for.
  virtual void flow_ruled(mux_id flow, const mux_flow_rules& rules) = 0;
  virtual void datagram(mux_id flow, byte_view data) = 0;
  /// At the calling side: from there. At the called side: to there.
  virtual void datagram_beside(mux_id flow, const endpoint& where, byte_view data) = 0;
  virtual void flow_ended(mux_id flow, const mux_refusal& why) = 0;
};

struct flow_counts {
  std::uint64_t out = 0, in = 0;
  std::uint64_t dropped = 0; ///< the queue was full
};

class mux_flows {
 public:
  using clock = mux_streams::clock;

  /// `streams` have the numbers; `control` goes out before all else.
  mux_flows(mux_flow_port& port, mux_streams& streams, bytes& control, std::size_t queue)
      : port_(port), streams_(streams), control_(control), waiting_(queue) {}

  mux_id open(const mux_target& target);
  void rule(mux_id flow, const mux_flow_rules& rules) { append_flow_rules(control_, flow, rules); }
  /// Queues it; what is too long is dropped.
  void send(mux_id flow, byte_view data);
  void send_beside(mux_id flow, const endpoint& where, byte_view data);
  /// Behind what waits.
  void end(mux_id flow, const mux_refusal& why);

  bool empty() const { return waiting_.empty(); }
  /// One frame. False: there is none.
  bool produce(mux_buffer& out);
  /// A frame of flows.
  outcome<> take(const mux_head& head, byte_view body, clock::time_point now);
  const flow_counts& counts() const { return counts_; }

 private:
  mux_flow_port& port_;
  mux_streams& streams_;
  bytes& control_;
  mux_datagrams waiting_;
  flow_counts counts_;
};

} // namespace hublink
