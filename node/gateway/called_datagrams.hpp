#pragma once
/// The called side of UDP through the gateways, scenario 4.4: a socket towards the destination for each flow,
/// or one for all that await no reply. One thread.
#include "actors/ports/gateway_plane.hpp"
#include "node/gateway/flow_line.hpp"
#include "node/gateway/flow_timer.hpp"
#include "node/gateway/stream_book.hpp"
#include "node/socket/udp_socket.hpp"

#include <deque>

namespace hublink {

class called_datagrams {
 public:
  called_datagrams(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book);

  /// Flows that it does not let through end.
  void define(definition_ptr self);
  void close();
  void fill(gateway_report& report) const { report.called_flows = flows_.counters(); }

  void flow_asked(flow_line& line, mux_id flow, const mux_target& target);
  /// Of a flow that names no gateway: as its application wants it.
  void rule(flow_line& line, mux_id flow, const mux_flow_rules& rules);
  /// An application's. False: that flow was not asked for here, or is over.
  bool datagram(flow_line& line, mux_id flow, byte_view data);
  /// The same, to somebody who replied to this flow.
  bool datagram_beside(flow_line& line, mux_id flow, const endpoint& to, byte_view data);
  /// The calling side ended it. False as above.
  bool flow_over(flow_line& line, mux_id flow, const mux_refusal& why);
  void line_down(flow_line& line);

 private:
  using line_flow = std::pair<circuit_id, mux_id>;
  struct called_flow {
    std::weak_ptr<flow_line> line;
    mux_target target;
    endpoint destination;
    std::shared_ptr<udp_socket> socket;
    stream_book::record record;
    std::deque<endpoint> repliers{}; ///< beside the destination; the oldest make room
  };
  using table = udp_flows<line_flow, called_flow>;

  std::shared_ptr<udp_socket> socket_towards(const endpoint& destination, bool awaits_reply,
                                             const line_flow& key);
  void received(const line_flow& key, const endpoint& from, byte_view data);
  void refused(const line_flow& key, const endpoint& by);
  void ended(table::flow& flow, bool evicted);
  void drop(const line_flow& key, const char* result, const std::string& reason);
  void close_own(const std::shared_ptr<udp_socket>& socket);

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  table flows_;
  flow_timer<table> timer_;
  std::shared_ptr<udp_socket> silent_v4_, silent_v6_; ///< of flows that await no reply
};

} // namespace hublink
