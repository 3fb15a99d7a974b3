#include "simulation/sim/sim_gateway_link.hpp"

namespace hublink::sim {

namespace {

constexpr std::chrono::seconds greeting_time{10};
/// Rounds of one pump before others have their turn.
constexpr int link_rounds = 4;
/// The mux takes the epoch for "never".
constexpr mux::clock::time_point first_moment{std::chrono::hours{24}};

mux_limits limits_of(const proxy_definition& proxy) {
  mux_limits limits;
  limits.max_streams = std::uint32_t(proxy.streams);
  if (proxy.keep_alive_s) limits.keep_alive = std::chrono::seconds{*proxy.keep_alive_s};
  return limits;
}

bytes as_item(const std::string& name) {
  auto view = as_bytes(name);
  return {view.begin(), view.end()};
}

} // namespace

sim_gateway_link::sim_gateway_link(network& net, circuit_id circuit, stream line, std::string expected,
                                   const definition& self, handler& events)
    : net_(net), circuit_(circuit), line_(std::move(line)), self_(self.node), expected_(std::move(expected)),
      idle_(self.proxy.idle_s), events_(events),
      mux_(*this, !expected_.empty(), limits_of(self.proxy), std::make_shared<mux_budget>(), now()),
      began_(now()), used_(began_) {}

mux::clock::time_point sim_gateway_link::now() const { return first_moment + net_.in().now(); }

void sim_gateway_link::start() {
  schedule_tick();
  if (dialled()) line_.write(as_item(self_));
  line_.listen([weak = weak_from_this()](stream::news what) {
    if (auto self = weak.lock()) self->on_news(what);
  });
}

void sim_gateway_link::on_news(stream::news what) {
  if (state_ == state::over) return;
  if (what == stream::news::broken) return close(failure{errc::cut, {}, line_.why()});
  what == stream::news::readable ? read() : wake();
}

// -- reading
// ------------------------------------------------------------------------------------------------------

void sim_gateway_link::read() {
  while (state_ != state::over && line_.front()) {
    auto item = line_.take();
    if (item.fin) {
      take_end();
    } else if (state_ == state::shaking) {
      take_name(item.data);
    } else {
      if (auto taken = mux_.received(item.data, now()); !taken) return close(taken);
      wake();
    }
  }
}

void sim_gateway_link::take_name(byte_view name) {
  std::string shown{as_text(name)};
  if (dialled() && shown != expected_)
    return close(failure{errc::not_authorised, {}, "the certificate there is of " + shown});
  if (!events_.trusts(shown)) return close(failure{errc::not_authorised, {}, shown + " is revoked"});
  peer_ = shown;
  if (!dialled()) line_.write(as_item(self_));
  state_ = state::greeting;
  wake();
}

void sim_gateway_link::take_end() {
  bool in_order = state_ == state::ending || (state_ == state::up && mux_.idle());
  close(in_order ? outcome<>{} : outcome<>{failure{errc::cut, {}, "the other gateway closed the link"}});
}

// -- writing
// ------------------------------------------------------------------------------------------------------

void sim_gateway_link::wake() {
  if (state_ == state::shaking || state_ == state::over || std::exchange(woken_, true)) return;
  net_.in().after({}, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->woken_ = false;
    self->pump();
  });
}

void sim_gateway_link::pump() {
  for (int round = 0; round < link_rounds; ++round) {
    if (state_ == state::over || !line_.can_write()) return; // `writable` follows
    if (!mux_.wants_to_send()) return finish_if_unused();
    mux_buffer room;
    mux_.produce(room, mux_.batch(), now());
    if (!room.empty()) line_.write({room.view().begin(), room.view().end()});
  }
  wake();
}

// -- life and end
// -------------------------------------------------------------------------------------------------

void sim_gateway_link::schedule_tick() {
  auto next = state_ == state::up ? mux_.next_tick() : began_ + greeting_time;
  if (state_ == state::up && closes_unused_) next = std::min(next, now() + idle_);
  net_.in().after(next - now(), [weak = weak_from_this(), number = ++timer_] {
    if (auto self = weak.lock(); self && self->timer_ == number) self->tick();
  });
}

void sim_gateway_link::tick() {
  if (state_ == state::over) return;
  if (state_ == state::ending) return close({});
  if (state_ != state::up && now() >= began_ + greeting_time)
    return close(failure{errc::timed_out, {}, "the other gateway does not answer on its link"});
  if (state_ == state::up)
    if (auto alive = mux_.tick(now()); !alive) return close(alive);
  if (closes_unused_ && mux_.idle() && now() - used_ >= idle_) drain();
  wake();
  schedule_tick();
}

void sim_gateway_link::close_when_unused(bool does) {
  closes_unused_ = does;
  schedule_tick();
}

void sim_gateway_link::drain() {
  draining_ = true;
  mux_.go_away();
  wake();
}

void sim_gateway_link::finish_if_unused() {
  std::erase_if(streams_, [](const auto& each) { return each.second->over(); });
  if (!mux_.idle()) used_ = now();
  bool going = draining_ && mux_.peer_is_going();
  if (state_ != state::up || !going || !mux_.idle() || !asked_.empty() || !dialled()) return;
  state_ = state::ending; // the dialler ends it, the other side follows
  began_ = now();
  schedule_tick();
  line_.finish();
  finished_ = true;
}

void sim_gateway_link::recheck() {
  if (!peer_.empty() && !events_.trusts(peer_))
    close(failure{errc::not_authorised, {}, peer_ + " is revoked"});
}

void sim_gateway_link::close(const outcome<>& result) {
  if (std::exchange(state_, state::over) == state::over) return;
  lose_streams();
  if (!result) {
    line_.reset();
  } else {
    if (!finished_) line_.finish();
    line_.forget();
  }
  events_.link_down(*this, result);
}

void sim_gateway_link::die() {
  state_ = state::over;
  lose_streams();
}

void sim_gateway_link::lose_streams() {
  asked_.clear();
  for (auto& [id, app] : std::exchange(streams_, {})) app->link_lost();
}

gateway_link_report sim_gateway_link::report() const {
  gateway_link_report report;
  report.peer = peer_.empty() ? expected_ : peer_;
  report.circuit = circuit_;
  report.dialled = dialled();
  report.up = up();
  report.streams = mux_.streams();
  report.counters = mux_.counters();
  return report;
}

// -- streams
// ------------------------------------------------------------------------------------------------------

std::shared_ptr<application> sim_gateway_link::find(mux_id stream) const {
  auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second;
}

void sim_gateway_link::open(const mux_target& target, const std::shared_ptr<application>& stream) {
  auto id = mux_.open(target);
  if (!id) {
    mux_refusal why{mux_reason::closing, id.error().text};
    return stream->answered(&why);
  }
  streams_.emplace(*id, stream);
  opening_.emplace(*id, target);
  stream->begin(shared_from_this(), *id);
  wake();
}

void sim_gateway_link::accept(mux_id stream, const std::shared_ptr<application>& with) {
  if (asked_.erase(stream) == 0 || state_ == state::over) return;
  streams_.emplace(stream, with);
  with->begin(shared_from_this(), stream);
  mux_.accept(stream);
  wake();
}

void sim_gateway_link::refuse(mux_id stream, const mux_refusal& why) {
  if (asked_.erase(stream) == 0) return;
  mux_.refuse(stream, why);
  wake();
}

void sim_gateway_link::readable(mux_id stream) {
  mux_.readable(stream, now());
  wake();
}

void sim_gateway_link::consumed(mux_id stream, std::size_t count) {
  mux_.consumed(stream, count);
  wake();
}

// -- what the mux says
// --------------------------------------------------------------------------------------------

void sim_gateway_link::link_ready() {
  state_ = state::up;
  events_.link_up(*this);
  schedule_tick();
}

void sim_gateway_link::asked(mux_id stream, const mux_target& target) {
  asked_.insert(stream);
  used_ = now();
  events_.stream_asked(*this, stream, target);
}

void sim_gateway_link::opened(mux_id stream) {
  opening_.erase(stream);
  if (auto app = find(stream)) app->answered(nullptr);
}

void sim_gateway_link::refused(mux_id stream, const mux_refusal& why) {
  auto app = find(stream);
  streams_.erase(stream);
  auto asked = opening_.extract(stream);
  if (!app) return;
  if (why.reason != mux_reason::closing || !asked) return app->answered(&why);
  drain();
  events_.stream_came_late(peer_, asked.mapped(), app);
}

void sim_gateway_link::data(mux_id stream, byte_view data) {
  if (auto app = find(stream)) app->deliver(data);
}

void sim_gateway_link::ended(mux_id stream) {
  if (auto app = find(stream)) app->peer_ended();
}

void sim_gateway_link::reset(mux_id stream, mux_reason) {
  asked_.erase(stream);
  if (auto app = find(stream)) app->link_lost();
}

mux_pulled sim_gateway_link::pull(mux_id stream, std::span<std::byte> room) {
  auto app = find(stream);
  return app ? app->pull(room) : mux_pulled{0, mux_pulled::then::broken};
}

} // namespace hublink::sim
