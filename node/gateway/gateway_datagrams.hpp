#pragma once
/// UDP through the gateways, scenario 4.4: the calling side's listeners and the called side's sockets. One
/// thread.
#include "node/gateway/stream_opener.hpp"
#include "node/socket/udp_socket.hpp"

#include <deque>

namespace hublink {

class gateway_datagrams {
 public:
  gateway_datagrams(asio::io_context& context, definition_ptr self, std::shared_ptr<stream_book> book,
                    stream_opener& opener);

  /// Binds: what comes from now on waits for `start`.
  void open();
  void start();
  /// Closes the listeners that it has not, and opens those that are new; flows that it does not let through
  /// end.
  void define(definition_ptr self);
  void close();
  /// A listener for one destination that an application named; it serves the address `application` alone. The
  /// listener's number, for `close_listener`.
  outcome<std::size_t> open_listener(const std::string& gateway, const std::string& peer,
                                     const mux_target& target, const ip_address& listen,
                                     const ip_address& application);
  endpoint listener_address(std::size_t number) const;
  void close_listener(std::size_t number);
  void fill(gateway_report& report) const;

  void link_up(gateway_link& link);
  void link_down(gateway_link& link);
  /// Nobody will make that link now.
  void unreachable(const std::string& peer);
  void flow_asked(gateway_link& link, mux_id flow, const mux_target& target);
  void datagram(gateway_link& link, mux_id flow, byte_view data);
  void flow_over(gateway_link& link, mux_id flow, const mux_refusal& why);

 private:
  using link_flow = std::pair<circuit_id, mux_id>;
  using application = std::pair<std::size_t, endpoint>; ///< which listener, and who
  struct calling_flow {
    std::weak_ptr<gateway_link> link;
    link_flow there;
    stream_book::record record;
  };
  struct called_flow {
    std::weak_ptr<gateway_link> link;
    mux_target target;
    endpoint destination;
    std::shared_ptr<udp_socket> socket;
    stream_book::record record;
  };
  using calling_table = udp_flows<application, calling_flow>;
  using called_table = udp_flows<link_flow, called_flow>;
  struct udp_listener {
    listener_report shown;
    endpoint listen;
    std::string peer;
    mux_target target;
    std::chrono::seconds reply_timeout{0};
    std::optional<ip_address> only; ///< serves that address alone; not listed
    std::shared_ptr<udp_socket> socket;
  };
  struct waiting_datagram {
    application from;
    bytes data;
  };

  /// What the definition wants, closed yet.
  std::vector<udp_listener> wanted_listeners() const;
  bool serves_applications() const;
  void try_to_bind(udp_listener& listener);
  outcome<> bind(udp_listener& listener);
  void read(std::size_t number, udp_listener& listener);
  void from_application(const application& from, byte_view data);
  void forward(gateway_link& link, const application& from, byte_view data);
  std::shared_ptr<udp_socket> socket_towards(const endpoint& destination, bool awaits_reply,
                                             const link_flow& key);
  void from_destination(const link_flow& key, const endpoint& from, byte_view data);
  void calling_ended(calling_table::flow& flow, bool evicted);
  void called_ended(called_table::flow& flow, bool evicted);
  void close_own(const std::shared_ptr<udp_socket>& socket);
  void drop_calling(const application& from, const char* result, const std::string& reason = {});
  void drop_called(const link_flow& key, const char* result, const std::string& reason);
  /// Of the called side: those that the definition does not let through any more.
  void end_refused_flows();
  void watch();

  asio::io_context& context_;
  definition_ptr self_;
  std::shared_ptr<stream_book> book_;
  stream_opener& opener_;
  std::map<std::size_t, udp_listener> listeners_;
  std::size_t last_listener_ = 0;
  calling_table calling_;
  called_table called_;
  std::map<link_flow, application> back_;                       ///< flow on a link → the application
  std::map<std::string, std::deque<waiting_datagram>> waiting_; ///< for a link, by peer
  std::shared_ptr<udp_socket> silent_v4_, silent_v6_;           ///< of flows that await no reply
  asio::steady_timer timer_;
  std::optional<calling_table::clock::time_point> watched_;
};

} // namespace hublink
