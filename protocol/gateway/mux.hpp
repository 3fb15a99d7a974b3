#pragma once
/// Many streams and datagrams on one gateway link, without I/O: bytes of the link in, calls of the port and
/// bytes for the link out. docs/reference/gateways.md says how it works. Not thread-safe.
#include "protocol/gateway/line_pace.hpp"
#include "protocol/gateway/mux_buffer.hpp"
#include "protocol/gateway/mux_flows.hpp"
#include "protocol/gateway/mux_frame_reader.hpp"
#include "protocol/gateway/mux_pulse.hpp"
#include "protocol/gateway/mux_streams.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

namespace hublink {

struct mux_counters {
  std::uint64_t opened = 0, accepted = 0; ///< streams asked for by this side, by the peer
  std::uint64_t datagrams_out = 0, datagrams_in = 0;
  std::uint64_t datagrams_dropped = 0;       ///< the queue was full
  std::uint64_t bytes_out = 0, bytes_in = 0; ///< of streams
};

/// What a pull brought. `dry`: nothing more at present; `end`: nothing more at all; `broken`: as a reset.
struct mux_pulled {
  enum class then : std::uint8_t { more, dry, end, broken };
  std::size_t count = 0;
  then next = then::dry;
  bool urgent = false;                    ///< it is one byte of urgent data
  mux_reason broken = mux_reason::failed; ///< `broken`: why
};

/// The owner of a mux. Called from within `mux`'s members; may call them back, except `received` and
/// `produce`. Spans are valid during the call alone.
class mux_port : public mux_flow_port {
 public:
  virtual void link_ready() = 0; ///< the peer's hello came: streams may be opened
  virtual void
  asked(mux_id stream,
        const mux_target& target) = 0; ///< `accept` or `refuse`, any time later; data may come before
  virtual void opened(mux_id stream) = 0;
  virtual void refused(mux_id stream, const mux_refusal& why) = 0; ///< the stream is gone
  virtual void data(mux_id stream, byte_view data) = 0;            ///< `consumed` once it is out of memory
  virtual void urgent(mux_id stream, std::byte data) = 0;          ///< the same, of urgent data
  virtual void kept_alive(mux_id stream,
                          const mux_keep_alive& how) = 0; ///< as the peer's application wants it
  virtual void moved(mux_id stream) = 0;                  ///< `tell_moved` at the other side
  virtual void ended(mux_id stream) = 0;                  ///< no more data will come
  virtual void reset(mux_id stream, mux_reason why) = 0;  ///< the stream is gone
  virtual void stopped(mux_id stream) = 0;                ///< the peer takes no more data
  /// Up to `room.size()` bytes to send on a stream that was said to be readable.
  virtual mux_pulled pull(mux_id stream, std::span<std::byte> room) = 0;
  virtual void peer_goes_away() = 0;
  /// The peer's newer certificate, with its proof. Fails if it does not count: the link must end.
  virtual outcome<> shown(byte_view) { return {}; }
};

class mux {
 public:
  using clock = std::chrono::steady_clock;

  /// `dialler`: this side dialled the link. Begins with a hello to send.
  mux(mux_port& port, bool dialler, const mux_limits& limits, std::shared_ptr<mux_budget> shared,
      clock::time_point now);
  mux(const mux&) = delete;
  mux& operator=(const mux&) = delete;

  /// Bytes of the link, in any pieces. Fails with `bad_message`: the link must end.
  outcome<> received(byte_view data, clock::time_point now);
  /// Appends whole frames to `out` until it holds `enough` bytes or nothing may be sent now.
  void produce(mux_buffer& out, std::size_t enough, clock::time_point now);
  /// What is enough: about a millisecond of the line.
  std::size_t batch() const { return pace_.batch(); }
  /// Would `produce` bring anything?
  bool wants_to_send() const;
  /// Keep-alive. Fails with `timed_out` if the peer is dead. Call it at `next_tick`.
  outcome<> tick(clock::time_point now);
  clock::time_point next_tick() const { return pulse_.next(); }

  bool ready() const { return peer_.has_value(); }
  bool peer_is_going() const { return peer_going_; }
  /// Nothing is open, in neither direction.
  bool idle() const { return streams_.size() == 0; }
  std::size_t streams() const { return streams_.size(); }
  mux_counters counters() const;
  /// Round trip of the last ping; zero before there was one.
  std::chrono::microseconds round_trip() const { return pace_.round_trip(); }

  /// Fails with `busy` (the peer's limit) or `hop_down` (no hello yet, or one side goes away).
  outcome<mux_id> open(const mux_target& target);
  void accept(mux_id stream);
  void refuse(mux_id stream, const mux_refusal& why);
  /// There may be something to pull; also before the peer answered an open.
  void readable(mux_id stream, clock::time_point now);
  void consumed(mux_id stream, std::size_t count);
  /// The application has taken something that came long ago.
  void tell_moved(mux_id stream);
  /// Ends both directions at once; what was pulled before still arrives. The stream is gone.
  void reset(mux_id stream, mux_reason why = mux_reason::failed);
  /// Of a stream that this side asked for. A peer that does not know of it is not told.
  void keep_alive(mux_id stream, const mux_keep_alive& how);
  /// Takes no more data; what still comes is dropped.
  void stop(mux_id stream);
  /// Opens nothing more, and asks the peer for the same.
  void go_away();

  /// This side's newer certificate, with its proof. A peer that does not know of it is not told.
  void show(byte_view certificate) {
    if (peer_ && peer_->version >= 3) append_frame(control_, mux_type::certificate, 0, certificate);
  }

  outcome<mux_id> open_flow(const mux_target& target);
  /// Right behind `open_flow`. A peer that does not know of it is not told.
  void rule_flow(mux_id flow, const mux_flow_rules& rules);
  /// Queues it; what is too long is dropped.
  void send_datagram(mux_id flow, byte_view data);
  /// One from, or to, another address than the flow's destination.
  void send_beside(mux_id flow, const endpoint& where, byte_view data);
  void end_flow(mux_id flow, const mux_refusal& why) { flows_.end(flow, why); }

 private:
  using turn = mux_stream::turn;

  bool takes_new_ones() const;
  bool peer_knows_rules() const { return peer_ && peer_->version >= 2; }
  void queue(mux_id id, mux_stream& stream);

  outcome<> take_data(mux_id id, byte_view data, bool urgent = false);
  outcome<> take_frame(const mux_head& head, byte_view body);
  outcome<> take_hello(byte_view body);
  outcome<> take_target(const mux_head& head, byte_view body);
  void take_open(mux_id id, const mux_target& target);
  outcome<> take_urgent(mux_id id, byte_view data);
  outcome<> take_keep_alive(mux_id id, byte_view body);
  outcome<> take_answer(const mux_head& head, byte_view body);
  outcome<> take_credit(mux_id id, byte_view body);
  outcome<> take_end(const mux_head& head, byte_view body);
  outcome<> take_ping(const mux_head& head, byte_view body);

  bool bulk_may_go() const { return !bulk_.empty() && (pace_.room() > 0 || pace_.wants_mark()); }
  bool produce_round(mux_buffer& out, std::size_t enough);
  bool produce_bulk(mux_buffer& out);
  std::size_t bulk_frame() const;
  bool produce_data(mux_buffer& out, turn which, std::size_t largest);
  std::deque<mux_id>& queue_of(turn which) { return which == turn::bulk ? bulk_ : interactive_; }

  mux_port& port_;
  clock::time_point now_;
  mux_pulse pulse_;
  mux_streams streams_;
  std::optional<mux_hello> peer_;
  bool going_ = false, peer_going_ = false;
  line_pace pace_;

  mux_frame_reader reader_;
  bytes control_;                         ///< whole frames, sent before all else
  std::deque<mux_id> interactive_, bulk_; ///< streams that wait for their turn
  mux_flows flows_;
  mux_counters counters_;
};

} // namespace hublink
