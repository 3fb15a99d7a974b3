#pragma once
/// The calling side of UDP through the gateways, scenario 4.4: the listeners, and a flow for each application
/// at one. One thread.
#include "node/gateway/beside_ports.hpp"
#include "node/gateway/flow_timer.hpp"
#include "node/gateway/stream_opener.hpp"
#include "node/socket/opening.hpp"
#include "node/socket/port_refusals.hpp"
#include "node/socket/udp_socket.hpp"

#include <deque>

namespace hublink {

class calling_datagrams {
 public:
  calling_datagrams(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
                    stream_opener& opener, std::shared_ptr<const port_refusals> refusals);

  /// Binds: what comes from now on waits for `start`.
  void open();
  void start();
  /// Closes the listeners that it has not, with their flows, and opens those that are new.
  void define(definition_ptr self);
  void close();
  /// A listener for one destination that an application named. The listener's number, for `close_listener`.
  outcome<std::size_t> open_listener(const std::string& gateway, datagram_port wanted);
  endpoint listener_address(std::size_t number) const;
  /// What came before goes on.
  void close_listener(std::size_t number);
  void fill(gateway_report& report) const;

  void line_up(flow_line& line);
  void line_down(flow_line& line);
  /// Nobody will make that link now.
  void unreachable(const std::string& peer);
  void reply(flow_line& line, mux_id flow, byte_view data);
  /// Of somebody who is not the flow's destination.
  void reply_beside(flow_line& line, mux_id flow, const endpoint& from, byte_view data);
  /// The called side ended it.
  void flow_over(flow_line& line, mux_id flow, const mux_refusal& why);

 private:
  using line_flow = std::pair<circuit_id, mux_id>;
  using application = std::pair<std::size_t, endpoint>; ///< which listener, and who
  struct calling_flow {
    std::weak_ptr<flow_line> line;
    line_flow there;
    stream_book::record record;
    std::unique_ptr<beside_ports> beside{};
  };
  using table = udp_flows<application, calling_flow>;
  struct udp_listener {
    listener_report shown;
    endpoint listen;
    std::string peer;
    mux_target target;
    std::chrono::seconds reply_timeout{0};
    mux_flow_rules rules;           ///< of what an application named
    std::optional<ip_address> only; ///< serves that address alone; not listed
    beside_ports::notice replied_beside;
    std::shared_ptr<udp_socket> socket;
    bool leaving = false;             ///< closed, and waits for its datagrams to go on
    std::shared_ptr<opening> waits{}; ///< for its address; of what the definition wants
  };
  struct waiting_datagram {
    application from;
    bytes data;
  };

  /// What the definition wants, closed yet.
  std::vector<udp_listener> wanted_listeners() const;
  bool serves_applications() const;
  /// Now, and again from `start` on.
  void try_to_bind(std::size_t number, udp_listener& listener);
  void read_when_bound(std::size_t number, udp_listener& listener);
  outcome<> bind(udp_listener& listener);
  void read(std::size_t number, udp_listener& listener);
  void from_application(const application& from, byte_view data);
  table::flow* taker_of(flow_line& line, mux_id flow, byte_view data);
  void forward_beside(const application& from, const endpoint& to, byte_view data);
  void turn_away(const application& who);
  void leave_if_nothing_waits(std::size_t number);
  void let_leave();
  void forward(flow_line& line, const application& from, byte_view data);
  void ended(table::flow& flow, bool evicted);
  void drop(const application& from, const char* result, const std::string& reason = {});

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  stream_opener& opener_;
  std::shared_ptr<const port_refusals> refusals_;
  std::map<std::size_t, udp_listener> listeners_;
  std::size_t last_listener_ = 0;
  table flows_;
  flow_timer<table> timer_;
  std::map<line_flow, application> back_;                       ///< flow on a line → the application
  std::map<std::string, std::deque<waiting_datagram>> waiting_; ///< for a link, by peer
};

} // namespace hublink
