#pragma once
/// The called side of UDP through the gateways, scenario 4.4: a socket towards the destination for each flow,
/// or one for all that await no reply. One thread.
#include "actors/ports/gateway_plane.hpp"
#include "node/gateway/flow_line.hpp"
#include "node/gateway/flow_timer.hpp"
#include "node/gateway/stream_book.hpp"
#include "node/socket/name_lookups.hpp"
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
    dial_address to; ///< as it was let through
    endpoint destination;
    std::shared_ptr<udp_socket> socket;
    stream_book::record record;
    endpoints others{};              ///< of its name, where nobody is at the destination
    std::deque<endpoint> repliers{}; ///< beside the destination; the oldest make room
  };
  using table = udp_flows<line_flow, called_flow>;
  /// A flow whose destination's name is looked up.
  struct search {
    std::weak_ptr<flow_line> line;
    mux_target target;
    dial_address to;
    std::deque<bytes> datagrams{}; ///< wait for it
  };

  void look_up(flow_line& line, mux_id flow, const mux_target& target, const dial_address& to);
  void found(const line_flow& key, const outcome<std::vector<ip_address>>& addresses);
  void begin(flow_line& line, mux_id flow, const mux_target& target, const dial_address& to,
             endpoints destinations);
  /// Another address of its name. False: there is none.
  bool go_on(const line_flow& key, called_flow& flow);
  std::shared_ptr<udp_socket> open_towards(const endpoint& destination);

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
  name_lookups lookups_;
  std::map<line_flow, search> searches_;
  std::shared_ptr<udp_socket> silent_v4_, silent_v6_; ///< of flows that await no reply
};

} // namespace hublink
