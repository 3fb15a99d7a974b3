#pragma once
/// The gateway plane: listeners, links, streams and datagrams of a node's proxy function, on a thread of
/// their own.
#include "node/gateway/gateway_datagrams.hpp"
#include "node/gateway/gateway_link.hpp"
#include "node/gateway/listeners.hpp"
#include "node/gateway/stream_opener.hpp"
#include "node/gateway/waiting_streams.hpp"
#include "node/plane/io_plane.hpp"

#include <thread>

namespace hublink {

struct gateway_io_config {
  definition_ptr self;
  plane_identity own;
  std::string data; ///< the node's directory
};

class gateway_io final : public gateway_plane, public gateway_link::handler, public stream_opener {
 public:
  /// `circuits` outlives it. Fails with `bad_config` like `io_plane::make`, and as `socks_users::load`.
  static outcome<std::unique_ptr<gateway_io>> make(gateway_io_config config, io_plane& circuits);
  ~gateway_io() override;

  /// The revocation list changed: links whose peer's certificate counts no more go down. Done by itself when
  /// one ends.
  void recheck();
  /// Ends all streams and joins its thread.
  void stop();

  void serve(weak_owner<gateway_owner> owner) override;
  void run(circuit_id circuit, std::string expected) override;
  void define(definition_ptr self) override;
  void unreachable(std::string peer, failure why) override;
  void report(std::uint64_t number, weak_owner<gateway_owner> owner) override;

 private:
  gateway_io(gateway_io_config config, io_plane& circuits, std::shared_ptr<asio::ssl::context> tls,
             socks_users users);

  void set_up(std::shared_ptr<asio::ssl::context> tls);
  void look();
  /// What the definition does not let through any more.
  void end_refused(gateway_link& link);
  void work_until_stopped();
  void take_circuit(circuit_id circuit, const std::string& expected, int fd);
  void close_circuit(circuit_id circuit, const failure& why);
  std::shared_ptr<gateway_link> link_to(const std::string& peer) const;
  /// Closes a link that the definition does not keep when it is not used.
  void keep_if_wanted(gateway_link& link);
  void drop_second_link(gateway_link& fresh);
  void connect_for(const std::shared_ptr<gateway_link>& link, mux_id stream, const mux_target& target,
                   const endpoint& where);
  void resolve_for(const std::shared_ptr<gateway_link>& link, mux_id stream, const mux_target& target);
  void refuse_at(gateway_link& link, mux_id stream, const mux_target& target, const mux_refusal& why);
  gateway_report make_report();

  // stream_opener
  void open_stream(const std::string& peer, const mux_target& target,
                   std::shared_ptr<gateway_stream> stream) override;
  std::shared_ptr<gateway_link> want_link(const std::string& peer) override;
  outcome<std::pair<std::size_t, endpoint>> open_datagrams(const std::string& peer, const mux_target& target,
                                                           const ip_address& listen,
                                                           const ip_address& from) override;
  void close_datagrams(std::size_t port) override;
  std::uint8_t hops_of(const endpoint& application) override;

  // gateway_link::handler
  void link_up(gateway_link& link) override;
  void link_down(gateway_link& link, const outcome<>& result) override;
  void stream_asked(gateway_link& link, mux_id stream, const mux_target& target) override;
  void stream_came_late(const std::string& peer, const mux_target& target,
                        const std::shared_ptr<gateway_stream>& stream) override;
  void flow_asked(gateway_link& link, mux_id flow, const mux_target& target) override;
  void flow_datagram(gateway_link& link, mux_id flow, byte_view data) override;
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
  std::map<endpoint, std::uint8_t> hops_; ///< of connections from here to listeners of this gateway
  std::unique_ptr<listeners> listeners_;
  std::unique_ptr<gateway_datagrams> datagrams_;
  tcp::resolver resolver_;
  asio::steady_timer look_; ///< at the certificates
  std::thread thread_;
};

} // namespace hublink
