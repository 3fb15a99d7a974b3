#include "node/gateway/gateway_link.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/socket/own_address.hpp"

#include <asio/post.hpp>

namespace hublink {

namespace {

constexpr std::chrono::seconds greeting_time{10};
constexpr std::size_t read_size = 256 * 1024;
/// Rounds of one pump or one read before others have their turn.
constexpr int link_rounds = 4;

/// One thread works on links at a time, and needs these between two awaits only.
std::span<std::byte> read_room() {
  thread_local std::unique_ptr<std::byte[]> room(new std::byte[read_size]);
  return {room.get(), read_size};
}
mux_buffer& send_room() {
  thread_local mux_buffer room;
  return room;
}

} // namespace

gateway_link::gateway_link(circuit_id circuit, data_socket from, std::string expected,
                           std::shared_ptr<const gateway_link_setup> setup, handler& events)
    : circuit_(circuit), from_(std::move(from)), socket_(from_.socket), expected_(std::move(expected)),
      setup_(std::move(setup)), events_(events),
      tls_(setup_->tls, setup_->own, socket_.native_handle(), expected_),
      mux_(*this, !expected_.empty(), setup_->limits, setup_->budget, mux::clock::now()),
      timer_(socket_.get_executor()) {
  tune(socket_, data_patience);
}

void gateway_link::start() {
  schedule_tick();
  shake();
}

void gateway_link::shake() {
  auto done = tls_.shake();
  if (!done) return close(done.error());
  if (!*done) {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
      if (!error && self->state_ == state::shaking) self->shake();
    });
    return;
  }
  state_ = state::greeting;
  wake();
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->read(); });
}

// -- reading
// ------------------------------------------------------------------------------------------------------

void gateway_link::wait_to_read() {
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
    if (!error) self->read();
  });
}

// The link is always read: what the applications can't take yet is bounded by the credit that they were
// given.
void gateway_link::read() {
  if (state_ == state::over || state_ == state::shaking) return;
  auto room = read_room();
  for (int round = 0; round < link_rounds; ++round) {
    auto count = tls_.read(room);
    if (!count) {
      bool in_order = state_ == state::ending || (tls_.ended() && mux_.idle());
      return close(in_order ? outcome<>{} : outcome<>{count.error()});
    }
    if (*count > 0) {
      if (auto taken = mux_.received(room.first(*count), mux::clock::now()); !taken) return close(taken);
      if (state_ == state::over) return;
      wake();
    }
    if (*count < room.size()) return wait_to_read();
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->read(); });
}

// -- writing
// ------------------------------------------------------------------------------------------------------

void gateway_link::wake() {
  if (state_ == state::shaking || state_ == state::over || std::exchange(woken_, true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->woken_ = false;
    self->pump();
  });
}

void gateway_link::pump() {
  if (state_ == state::over || writing_) return;
  auto& room = send_room();
  for (int round = 0; round < link_rounds; ++round) {
    auto sent = tls_.flush();
    if (!sent) return close(sent.error());
    if (!*sent) return wait_to_write();
    if (!mux_.wants_to_send()) return finish_if_unused();
    unsent_.set(socket_.native_handle(), mux_.batch());
    mux_.produce(room, mux_.batch(), mux::clock::now());
    tls_.write(room.view());
    room.taken(room.size());
    if (state_ == state::over) return;
  }
  if (auto sent = tls_.flush(); sent && !*sent) return wait_to_write();
  wake();
}

void gateway_link::wait_to_write() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](std::error_code error) {
    self->writing_ = false;
    if (!error) self->pump();
  });
}

// -- life and end
// -------------------------------------------------------------------------------------------------

void gateway_link::schedule_tick() {
  if (state_ == state::over) return;
  auto next = state_ == state::up ? mux_.next_tick() : began_ + greeting_time;
  if (state_ == state::up && closes_unused_) next = std::min(next, mux::clock::now() + setup_->idle);
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled) self->tick();
  });
}

void gateway_link::tick() {
  if (state_ == state::over) return;
  auto now = mux::clock::now();
  if (state_ == state::ending) return close({});
  if (state_ != state::up && now >= began_ + greeting_time)
    return close(failure{errc::timed_out, {}, "the other gateway does not answer on its link"});
  if (state_ == state::up)
    if (auto alive = mux_.tick(now); !alive) return close(alive);
  if (closes_unused_ && mux_.idle() && now - used_ >= setup_->idle) drain();
  wake();
  schedule_tick();
}

void gateway_link::close_when_unused(bool does) {
  closes_unused_ = does;
  schedule_tick();
}

void gateway_link::drain() {
  draining_ = true;
  mux_.go_away();
  wake();
}

void gateway_link::finish_if_unused() {
  if (!mux_.idle()) used_ = mux::clock::now();
  bool going = draining_ && mux_.peer_is_going();
  if (state_ == state::up && going && mux_.idle() && asked_.empty() && dialled()) {
    state_ = state::ending; // the dialler ends it, the other side follows
    began_ = mux::clock::now();
    schedule_tick();
    tls_.finish();
    static_cast<void>(tls_.flush());
    std::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
}

void gateway_link::end_refused(const definition& self) {
  for (auto& [id, stream] : std::unordered_map(streams_)) {
    if (is_still_let_through(self, stream->way, is_own_address)) continue;
    forget(id, mux_reason::not_allowed);
    stream->link_lost({errc::not_authorised, {}, refusal::not_let_through().text});
  }
}

void gateway_link::close(const outcome<>& result) {
  if (std::exchange(state_, state::over) == state::over) return;
  timer_.cancel();
  auto why = result ? failure{errc::cut, {}, "the gateway link ended"} : result.error();
  for (auto& [id, stream] : std::exchange(streams_, {})) stream->link_lost(why);
  asked_.clear();
  if (result)
    from_.close();
  else
    from_.reset();
  events_.link_down(*this, result);
}

gateway_link_report gateway_link::report() const {
  gateway_link_report report;
  report.peer = intended_peer();
  report.circuit = circuit_;
  report.dialled = dialled();
  report.up = state_ == state::up;
  report.since_ms = since_ms_;
  report.streams = mux_.streams();
  report.counters = mux_.counters();
  report.round_trip = mux_.round_trip();
  return report;
}

// -- streams
// ------------------------------------------------------------------------------------------------------

std::shared_ptr<gateway_stream> gateway_link::find(mux_id stream) const {
  auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second;
}

void gateway_link::open(const mux_target& target, const std::shared_ptr<gateway_stream>& stream) {
  if (stream->over()) return; // the application did not wait for the link
  auto id = mux_.open(target);
  if (!id) {
    mux_refusal why{id.error().code == errc::busy ? mux_reason::busy : mux_reason::closing, id.error().text};
    return stream->answered(&why);
  }
  streams_.emplace(*id, stream);
  opening_.emplace(*id, target);
  stream->begin(*this, *id);
  wake();
}

bool gateway_link::accept(mux_id stream, const std::shared_ptr<gateway_stream>& with) {
  auto asked = asked_.extract(stream);
  if (!asked || state_ == state::over) return false;
  streams_.emplace(stream, with);
  with->begin(*this, stream);
  mux_.accept(stream);
  with->answered(nullptr);
  auto& early = asked.mapped();
  if (early.keep_alive) with->keep_alive(*early.keep_alive);
  if (!early.data.empty()) with->deliver(early.data.view());
  if (early.ended) with->peer_ended();
  return true;
}

void gateway_link::refuse(mux_id stream, const mux_refusal& why) {
  if (asked_.erase(stream) == 0) return;
  mux_.refuse(stream, why);
  wake();
}

outcome<mux_id> gateway_link::open_flow(const mux_target& target) {
  wake();
  return mux_.open_flow(target);
}

void gateway_link::rule_flow(mux_id flow, const mux_flow_rules& rules) { mux_.rule_flow(flow, rules); }

void gateway_link::send_datagram(mux_id flow, byte_view data) {
  used_ = mux::clock::now();
  mux_.send_datagram(flow, data);
  wake();
}

void gateway_link::send_beside(mux_id flow, const endpoint& where, byte_view data) {
  used_ = mux::clock::now();
  mux_.send_beside(flow, where, data);
  wake();
}

void gateway_link::end_flow(mux_id flow, const mux_refusal& why) {
  mux_.end_flow(flow, why);
  wake();
}

void gateway_link::readable(mux_id stream) {
  mux_.readable(stream, mux::clock::now());
  wake();
}

void gateway_link::consumed(mux_id stream, std::size_t count) {
  mux_.consumed(stream, count);
  wake();
}

void gateway_link::tell_moved(mux_id stream) {
  mux_.tell_moved(stream);
  wake();
}

void gateway_link::stop(mux_id stream) {
  mux_.stop(stream);
  wake();
}

void gateway_link::keep_alive(mux_id stream, const mux_keep_alive& how) {
  mux_.keep_alive(stream, how);
  wake();
}

void gateway_link::forget(mux_id stream, mux_reason why) {
  streams_.erase(stream);
  opening_.erase(stream);
  mux_.reset(stream, why); // if it had not ended in both directions
  wake();
}

// -- what the mux says
// --------------------------------------------------------------------------------------------

void gateway_link::link_ready() {
  state_ = state::up;
  show_newer(); // there may have been one since the handshake
  events_.link_up(*this);
  schedule_tick();
}

void gateway_link::asked(mux_id stream, const mux_target& target) {
  asked_.try_emplace(stream);
  used_ = mux::clock::now();
  events_.stream_asked(*this, stream, target);
}

void gateway_link::opened(mux_id stream) {
  opening_.erase(stream);
  if (auto found = find(stream)) found->answered(nullptr);
}

void gateway_link::refused(mux_id stream, const mux_refusal& why) {
  auto found = find(stream);
  streams_.erase(stream);
  auto asked = opening_.extract(stream);
  if (!found) return;
  if (why.reason != mux_reason::closing || !asked) return found->answered(&why);
  drain();
  events_.stream_came_late(peer(), asked.mapped(), found);
}

void gateway_link::data(mux_id stream, byte_view data) {
  if (auto found = find(stream)) return found->deliver(data);
  if (auto asked = asked_.find(stream); asked != asked_.end()) asked->second.data.append(data);
}

void gateway_link::moved(mux_id stream) {
  if (auto found = find(stream)) found->peer_moved();
}

void gateway_link::ended(mux_id stream) {
  if (auto found = find(stream)) return found->peer_ended();
  if (auto asked = asked_.find(stream); asked != asked_.end()) asked->second.ended = true;
}

void gateway_link::urgent(mux_id stream, std::byte data) {
  if (auto found = find(stream)) return found->deliver_urgent(data);
  if (auto asked = asked_.find(stream); asked != asked_.end()) asked->second.data.append({&data, 1});
}

void gateway_link::kept_alive(mux_id stream, const mux_keep_alive& how) {
  if (auto found = find(stream)) return found->keep_alive(how);
  if (auto asked = asked_.find(stream); asked != asked_.end()) asked->second.keep_alive = how;
}

void gateway_link::reset(mux_id stream, mux_reason why) {
  asked_.erase(stream);
  if (auto found = find(stream)) found->peer_reset(why);
}

void gateway_link::stopped(mux_id stream) {
  if (auto found = find(stream)) found->peer_stopped();
}

mux_pulled gateway_link::pull(mux_id stream, std::span<std::byte> room) {
  auto found = find(stream);
  return found ? found->pull(room) : mux_pulled{0, mux_pulled::then::broken};
}

void gateway_link::peer_goes_away() { drain(); }

void gateway_link::flow_asked(mux_id flow, const mux_target& target) {
  used_ = mux::clock::now();
  events_.flow_asked(*this, flow, target);
}

void gateway_link::flow_ruled(mux_id flow, const mux_flow_rules& rules) {
  events_.flow_ruled(*this, flow, rules);
}

void gateway_link::datagram_beside(mux_id flow, const endpoint& where, byte_view data) {
  used_ = mux::clock::now();
  events_.flow_beside(*this, flow, where, data);
}

void gateway_link::datagram(mux_id flow, byte_view data) {
  used_ = mux::clock::now();
  events_.flow_datagram(*this, flow, data);
}

void gateway_link::flow_ended(mux_id flow, const mux_refusal& why) { events_.flow_over(*this, flow, why); }

} // namespace hublink
