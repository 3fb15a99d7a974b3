#pragma once
/// The gateway plane of one life of one simulated server, as node/gateway/gateway_io is it: makes links of
/// circuits, carries applications over them, asks its actor for links.
#include "simulation/sim/sim_gateway_link.hpp"
#include "simulation/sim/sim_plane.hpp"

namespace hublink::sim {

/// After so long everybody who waits for a link has an answer: a dial's budget, the time after which its
/// actor stops waiting for it, and the greeting on what it made.
inline constexpr std::chrono::seconds want_limit{10 + 1 + 10 + 1};

class sim_gateways final : public gateway_plane, public sim_gateway_link::handler {
 public:
  sim_gateways(network& net, sim_plane& circuits, application_book& book, definition_ptr self);

  void serve(weak_owner<gateway_owner> owner) override;
  void run(circuit_id circuit, std::string expected) override;
  void define(definition_ptr self) override;
  void unreachable(std::string peer, failure why) override;
  void report(std::uint64_t number, weak_owner<gateway_owner> owner) override;
  void drain(std::function<void()> idle) override;

  /// The application of that number has connected to its gateway's listener here.
  void connect(std::uint64_t number);
  /// The revocation list changed: links whose peer is on it go down.
  void revoke(const std::string& peer);
  /// Every link ends, as at a node that stops.
  void close_links();
  /// From now on deaf; its applications see a reset.
  void crash();

  std::size_t links() const { return links_.size(); }
  std::size_t links_to(const std::string& peer) const;               ///< that are up
  std::size_t waiting() const;                                       ///< applications that wait for a link
  const std::map<std::string, int>& dials() const { return dials_; } ///< circuits made by this node, by peer
  /// Links that were up, by peer, in this life.
  int times_up(const std::string& peer) const;

 private:
  struct waiting_stream {
    mux_target target;
    std::shared_ptr<application> stream;
    duration since;
  };

  void make_link(circuit_id circuit, const std::string& expected);
  std::shared_ptr<sim_gateway_link> link_to(const std::string& peer) const;
  /// Closes a link that the definition does not keep when it is not used.
  void keep_if_wanted(sim_gateway_link& link);
  void drop_second_link(sim_gateway_link& fresh);
  void open_stream(const std::string& peer, const mux_target& target,
                   const std::shared_ptr<application>& stream);
  std::vector<waiting_stream> take_waiting(const std::string& peer);
  void post(std::function<void()> what);
  const std::string& node() const { return self_->node; }

  void link_up(sim_gateway_link& link) override;
  void link_down(sim_gateway_link& link, const outcome<>& result) override;
  void stream_asked(sim_gateway_link& link, mux_id stream, const mux_target& target) override;
  void stream_came_late(const std::string& peer, const mux_target& target,
                        const std::shared_ptr<application>& stream) override;
  bool trusts(const std::string& peer) const override { return !revoked_.contains(peer); }

  network& net_;
  sim_plane& circuits_;
  application_book& book_;
  definition_ptr self_;
  weak_owner<gateway_owner> owner_;
  bool listens_ = false; ///< from `serve` on
  std::map<circuit_id, std::shared_ptr<sim_gateway_link>> links_;
  std::map<std::string, std::vector<waiting_stream>> waiting_;
  std::set<std::string> revoked_;
  std::map<std::string, int> dials_, ups_;
  bool deaf_ = false;
  bool drained_ = false;
};

} // namespace hublink::sim
