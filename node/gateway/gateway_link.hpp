#pragma once
/// One link to another gateway: a circuit's socket, TLS from end to end, the mux, and the streams on it. One
/// thread.
#include "actors/ports/gateway_plane.hpp"
#include "node/circuit/data_socket.hpp"
#include "node/gateway/flow_line.hpp"
#include "node/gateway/gateway_stream.hpp"
#include "node/gateway/gateway_tls.hpp"
#include "node/gateway/unsent_limit.hpp"

#include <unordered_map>
#include <unordered_set>

namespace hublink {

/// What all gateway links of a node share.
struct gateway_link_setup {
  std::shared_ptr<asio::ssl::context> tls;
  plane_identity own;
  mux_limits limits;
  std::shared_ptr<mux_budget> budget = std::make_shared<mux_budget>();
  std::chrono::seconds idle{60};
};

class gateway_link final : public mux_port,
                           public stream_line,
                           public flow_line,
                           public std::enable_shared_from_this<gateway_link> {
 public:
  /// What the link needs others for.
  struct handler {
    virtual ~handler() = default;
    virtual void link_up(gateway_link& link) = 0;
    /// Once; all its streams are told before.
    virtual void link_down(gateway_link& link, const outcome<>& result) = 0;
    virtual void stream_asked(gateway_link& link, mux_id stream, const mux_target& target) = 0;
    /// The peer had begun to close the link when it was asked: the stream has to be asked for again.
    virtual void stream_came_late(const std::string& peer, const mux_target& target,
                                  const std::shared_ptr<gateway_stream>& stream) = 0;
    virtual void flow_asked(gateway_link& link, mux_id flow, const mux_target& target) = 0;
    virtual void flow_ruled(gateway_link& link, mux_id flow, const mux_flow_rules& rules) = 0;
    virtual void flow_datagram(gateway_link& link, mux_id flow, byte_view data) = 0;
    virtual void flow_beside(gateway_link& link, mux_id flow, const endpoint& where, byte_view data) = 0;
    virtual void flow_over(gateway_link& link, mux_id flow, const mux_refusal& why) = 0;
  };

  /// `expected`: the peer's name where this node dialled.
  gateway_link(circuit_id circuit, data_socket from, std::string expected,
               std::shared_ptr<const gateway_link_setup> setup, handler& events);

  void start();
  /// Whether it ends when it was unused for the setup's `idle`. At the dialler.
  void close_when_unused(bool does);
  /// Opens nothing more, and ends with its last stream.
  void drain();
  void close(const outcome<>& result);
  /// Until when the peer's certificate counts; `not_authorised` if it does no more.
  outcome<trust::clock_time> trusted_until() const { return tls_.trusted_until(); }
  /// Tells the peer of this node's newer certificate, if it has one.
  void show_newer() {
    if (!mux_.ready() || state_ == state::over) return;
    auto newer = tls_.newer();
    if (!newer) return;
    mux_.show(*newer);
    wake();
  }
  /// Ends the streams that this definition does not let through.
  void end_refused(const definition& self);

  circuit_id circuit() const override { return circuit_; }
  const std::string& peer() const override { return tls_.peer(); }
  /// The same; before it is known, whom this node dialled.
  const std::string& intended_peer() const { return peer().empty() ? expected_ : peer(); }
  bool dialled() const { return !expected_.empty(); }
  bool takes_streams() const override { return state_ == state::up && !draining_ && !mux_.peer_is_going(); }
  gateway_link_report report() const;
  /// As carried by the circuit, sealing included.
  std::uint64_t bytes_out() const { return tls_.bytes_out(); }
  std::uint64_t bytes_in() const { return tls_.bytes_in(); }
  std::shared_ptr<gateway_link> share() { return shared_from_this(); }
  std::shared_ptr<flow_line> share_line() override { return shared_from_this(); }

  /// Asks the peer for a stream; the stream is told the answer.
  void open(const mux_target& target, const std::shared_ptr<gateway_stream>& stream);
  /// Answers `stream_asked`. False: the peer does not want it any more.
  bool accept(mux_id stream, const std::shared_ptr<gateway_stream>& with);
  void refuse(mux_id stream, const mux_refusal& why);
  bool wants(mux_id stream) const { return asked_.count(stream) > 0; }

  outcome<mux_id> open_flow(const mux_target& target) override;
  void rule_flow(mux_id flow, const mux_flow_rules& rules) override;
  void send_datagram(mux_id flow, byte_view data) override;
  void send_beside(mux_id flow, const endpoint& where, byte_view data) override;
  void end_flow(mux_id flow, const mux_refusal& why) override;

  // -- by its streams
  void readable(mux_id stream) override;
  void consumed(mux_id stream, std::size_t count) override;
  void tell_moved(mux_id stream) override;
  void stop(mux_id stream) override;
  void keep_alive(mux_id stream, const mux_keep_alive& how) override;
  void forget(mux_id stream, mux_reason why = mux_reason::failed) override;

 private:
  enum class state : std::uint8_t { shaking, greeting, up, ending, over };
  /// What came before the destination answered.
  struct early_data {
    mux_buffer data; ///< within the stream's first credit
    bool ended = false;
    std::optional<mux_keep_alive> keep_alive{};
  };

  void shake();
  void wait_to_read();
  void read();
  void wake();
  void pump();
  void wait_to_write();
  void schedule_tick();
  void tick();
  void finish_if_unused();
  std::shared_ptr<gateway_stream> find(mux_id stream) const;

  void link_ready() override;
  void asked(mux_id stream, const mux_target& target) override;
  void opened(mux_id stream) override;
  void refused(mux_id stream, const mux_refusal& why) override;
  void data(mux_id stream, byte_view data) override;
  void ended(mux_id stream) override;
  void urgent(mux_id stream, std::byte data) override;
  void kept_alive(mux_id stream, const mux_keep_alive& how) override;
  void moved(mux_id stream) override;
  void reset(mux_id stream, mux_reason why) override;
  void stopped(mux_id stream) override;
  mux_pulled pull(mux_id stream, std::span<std::byte> room) override;
  void peer_goes_away() override;
  outcome<> shown(byte_view body) override { return tls_.take_newer(body); }
  void flow_asked(mux_id flow, const mux_target& target) override;
  void flow_ruled(mux_id flow, const mux_flow_rules& rules) override;
  void datagram(mux_id flow, byte_view data) override;
  void datagram_beside(mux_id flow, const endpoint& where, byte_view data) override;
  void flow_ended(mux_id flow, const mux_refusal& why) override;

  circuit_id circuit_;
  data_socket from_;
  tcp::socket& socket_; ///< of it
  std::string expected_;
  std::shared_ptr<const gateway_link_setup> setup_;
  handler& events_;
  gateway_tls tls_;
  mux mux_;
  asio::steady_timer timer_;
  std::unordered_map<mux_id, std::shared_ptr<gateway_stream>> streams_;
  std::unordered_map<mux_id, early_data> asked_;   ///< by the peer, not answered yet
  std::unordered_map<mux_id, mux_target> opening_; ///< by this side, not answered yet
  state state_ = state::shaking;
  bool woken_ = false, writing_ = false, draining_ = false, closes_unused_ = false;
  mux::clock::time_point began_ = mux::clock::now(), used_ = began_;
  unsent_limit unsent_;
  std::int64_t since_ms_ = unix_ms();
};

} // namespace hublink
