#pragma once
/// The gateway plane: listeners, links, streams and datagrams of a node's proxy function, on a thread of
/// their own.
#include "node/gateway/called_datagrams.hpp"
#include "node/gateway/calling_datagrams.hpp"
#include "node/gateway/calling_streams.hpp"
#include "node/gateway/gateway_link.hpp"
#include "node/gateway/listeners.hpp"
#include "node/gateway/own_flows.hpp"
#include "node/gateway/own_line.hpp"
#include "node/gateway/stream_opener.hpp"
#include "node/gateway/waiting_streams.hpp"
#include "node/plane/io_plane.hpp"
#include "node/socket/port_refusals.hpp"

#include <thread>

namespace hublink {

struct gateway_io_config {
  definition_ptr self; ///< where it listens counts from the start on, whatever later ones say
  plane_identity own;
  std::string data;                                ///< the node's directory
  std::shared_ptr<const port_refusals> refusals{}; ///< null: nobody is told so
};

class gateway_io final : public gateway_plane, public gateway_link::handler, public stream_opener {
 public:
  /// `circuits` outlives it. Fails with `bad_config` like `io_plane::make`, and as `socks_users::load`.
  static outcome<std::unique_ptr<gateway_io>> make(gateway_io_config config, io_plane& circuits);
  ~gateway_io() override;

  /// The revocation list changed: links whose peer's certificate counts no more go down. Done by itself when
  /// one ends.
  void recheck();
  /// Links show that certificate of this node from now on. `warn` hears if they can't.
  void renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn);
  /// Ends all streams and joins its thread.
  void stop();

  void serve(weak_owner<gateway_owner> owner) override;
  void run(circuit_id circuit, std::string expected) override;
  void define(definition_ptr self) override;
  void unreachable(std::string peer, failure why) override;
  void report(std::uint64_t number, weak_owner<gateway_owner> owner) override;
  void drain(std::function<void()> idle) override;

 private:
  gateway_io(gateway_io_config config, io_plane& circuits, std::shared_ptr<asio::ssl::context> tls,
             socks_users users);

  void set_up(std::shared_ptr<asio::ssl::context> tls);
  void look();
  /// What the definition does not let through any more.
  void end_refused(gateway_link& link);
  void work_until_stopped();
  void take_circuit(circuit_id circuit, const std::string& expected, int fd, const line_member_ptr& line);
  void close_circuit(circuit_id circuit, const failure& why);
  std::shared_ptr<gateway_link> link_to(const std::string& peer) const;
  /// Closes a link that the definition does not keep when it is not used.
  void keep_if_wanted(gateway_link& link);
  void drop_second_link(gateway_link& fresh);
  void carry(const std::string& peer, const mux_target& target,
             const std::shared_ptr<gateway_stream>& stream);
  /// Null: it is asked for.
  std::shared_ptr<gateway_link> want_link(const std::string& peer);
  void refuse_at(gateway_link& link, mux_id stream, const mux_target& target, const mux_refusal& why);
  gateway_report make_report();

  // stream_opener
  void open_stream(const std::string& peer, const mux_target& target,
                   std::shared_ptr<gateway_stream> stream) override;
  bool keep_alive(const endpoint& application, const mux_keep_alive& how) override;
  std::shared_ptr<flow_line> want_line(const std::string& peer) override;
  outcome<std::pair<std::size_t, endpoint>> open_datagrams(datagram_port wanted) override;
  void close_datagrams(std::size_t port) override;
  std::uint8_t hops_of(const endpoint& application) override;

  // gateway_link::handler
  void link_up(gateway_link& link) override;
  void link_down(gateway_link& link, const outcome<>& result) override;
  void stream_asked(gateway_link& link, mux_id stream, const mux_target& target) override;
  void stream_came_late(const std::string& peer, const mux_target& target,
                        const std::shared_ptr<gateway_stream>& stream) override;
  void flow_asked(gateway_link& link, mux_id flow, const mux_target& target) override;
  void flow_ruled(gateway_link& link, mux_id flow, const mux_flow_rules& rules) override;
  void flow_datagram(gateway_link& link, mux_id flow, byte_view data) override;
  void flow_beside(gateway_link& link, mux_id flow, const endpoint& where, byte_view data) override;
  void flow_over(gateway_link& link, mux_id flow, const mux_refusal& why) override;

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  gateway_io_config config_;
  io_plane& circuits_;
  std::shared_ptr<const gateway_link_setup> setup_;
  std::shared_ptr<stream_book> book_;
  weak_owner<gateway_owner> owner_;
  std::unordered_map<circuit_id, std::shared_ptr<gateway_link>> links_;
  waiting_streams waiting_;
  stream_watch watch_;
  calling_streams applications_;
  std::unique_ptr<destinations> destinations_;
  std::unique_ptr<own_line> own_line_;
  std::unique_ptr<listeners> listeners_;
  std::unique_ptr<calling_datagrams> calling_datagrams_;
  std::unique_ptr<called_datagrams> called_datagrams_;
  own_flows own_flows_;
  asio::steady_timer look_; ///< at the certificates
  bool drained_ = false;    ///< takes no application any more
  std::thread thread_;
};

} // namespace hublink
