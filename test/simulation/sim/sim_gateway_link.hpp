#pragma once
/// A simulated link to another gateway: a circuit's line, names both ways in place of TLS, then the real mux.
/// Does what node/gateway/gateway_link does.
#include "actors/ports/gateway_plane.hpp"
#include "simulation/network/network.hpp"
#include "simulation/sim/application_book.hpp"

#include <set>

namespace hublink::sim {

class sim_gateway_link final : public mux_port, public std::enable_shared_from_this<sim_gateway_link> {
 public:
  struct handler {
    virtual ~handler() = default;
    virtual void link_up(sim_gateway_link& link) = 0;
    /// Once; all its streams are told before.
    virtual void link_down(sim_gateway_link& link, const outcome<>& result) = 0;
    virtual void stream_asked(sim_gateway_link& link, mux_id stream, const mux_target& target) = 0;
    virtual void stream_came_late(const std::string& peer, const mux_target& target,
                                  const std::shared_ptr<application>& stream) = 0;
    virtual bool trusts(const std::string& peer) const = 0;
  };

  /// `expected`: the peer's name where this node dialled.
  sim_gateway_link(network& net, circuit_id circuit, stream line, std::string expected,
                   const definition& self, handler& events);

  void start();
  void close_when_unused(bool does);
  void drain();
  void close(const outcome<>& result);
  /// Its node is gone: the applications see a reset, nobody else is told.
  void die();
  void recheck();

  circuit_id circuit() const { return circuit_; }
  const std::string& peer() const { return peer_; } ///< empty until it showed who it is
  const std::string& expected() const { return expected_; }
  bool dialled() const { return !expected_.empty(); }
  bool up() const { return state_ == state::up; }
  bool takes_streams() const { return up() && !draining_ && !mux_.peer_is_going(); }
  gateway_link_report report() const;

  void open(const mux_target& target, const std::shared_ptr<application>& stream);
  void accept(mux_id stream, const std::shared_ptr<application>& with);
  void refuse(mux_id stream, const mux_refusal& why);

  // -- by its streams
  void readable(mux_id stream);
  void consumed(mux_id stream, std::size_t count);

 private:
  enum class state : std::uint8_t { shaking, greeting, up, ending, over };

  mux::clock::time_point now() const;
  void on_news(stream::news what);
  void read();
  void take_name(byte_view name);
  void take_end();
  void wake();
  void pump();
  void schedule_tick();
  void tick();
  void finish_if_unused();
  void lose_streams();
  std::shared_ptr<application> find(mux_id stream) const;

  void link_ready() override;
  void asked(mux_id stream, const mux_target& target) override;
  void opened(mux_id stream) override;
  void refused(mux_id stream, const mux_refusal& why) override;
  void data(mux_id stream, byte_view data) override;
  void urgent(mux_id stream, std::byte byte) override { data(stream, {&byte, 1}); }
  void kept_alive(mux_id, const mux_keep_alive&) override {} // its applications' machines don't vanish
  void moved(mux_id) override {}
  void ended(mux_id stream) override;
  void reset(mux_id stream, mux_reason why) override;
  void stopped(mux_id) override {} // no application of the simulation stops reading
  mux_pulled pull(mux_id stream, std::span<std::byte> room) override;
  void peer_goes_away() override { drain(); }
  void flow_asked(mux_id, const mux_target&) override {} // nor does one send datagrams
  void flow_ruled(mux_id, const mux_flow_rules&) override {}
  void datagram(mux_id, byte_view) override {}
  void datagram_beside(mux_id, const endpoint&, byte_view) override {}
  void flow_ended(mux_id, const mux_refusal&) override {}

  network& net_;
  circuit_id circuit_;
  stream line_;
  std::string self_, expected_, peer_;
  std::chrono::seconds idle_;
  handler& events_;
  mux mux_;
  std::map<mux_id, std::shared_ptr<application>> streams_;
  std::set<mux_id> asked_;               ///< by the peer, not answered yet
  std::map<mux_id, mux_target> opening_; ///< by this side, not answered yet
  state state_ = state::shaking;
  bool woken_ = false, draining_ = false, closes_unused_ = false, finished_ = false;
  mux::clock::time_point began_, used_;
  std::uint64_t timer_ = 0; ///< the one that counts
};

} // namespace hublink::sim
