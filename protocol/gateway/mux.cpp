#include "protocol/gateway/mux.hpp"

namespace hublink {

namespace {

/// Sent without pauses: from here on others come first, until pauses have made up for half of it. One that
/// is merely held up now and then stays bulk.
constexpr std::uint32_t interactive_burst = 64 * 1024;
/// Makes up for a whole burst; a shorter pause for as much less.
constexpr std::chrono::microseconds burst_pause{100'000};
/// An interactive stream's frame is no longer than this, so that others wait no longer than this.
constexpr std::size_t fair_data = 16 * 1024;
constexpr std::size_t least_bulk_frame = 4 * 1024;
/// Turns of interactive streams and datagrams before a bulk stream has one.
constexpr int quick_turns = 8;
/// A window that is consumed by half within this time grows: its sender is waiting for credit, or would be.
constexpr std::chrono::milliseconds quickly{200};

} // namespace

mux::mux(mux_port& port, bool dialler, const mux_limits& limits, std::shared_ptr<mux_budget> shared,
         clock::time_point now)
    : port_(port), dialler_(dialler), limits_(limits), shared_(std::move(shared)), now_(now), heard_(now),
      growth_left_(limits.window_growth), open_tokens_(limits.opens_per_second), open_tokens_at_(now) {
  append_hello(control_, {1, limits_.window, limits_.max_streams});
}

mux::~mux() {
  for (const auto& [id, one] : streams_) shared_->left += one.window - limits_.window;
}

mux::stream* mux::find(mux_id id) {
  auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

bool mux::existed(mux_id id) const { return id != 0 && id <= (is_own(id) ? last_own_ : last_peer_); }

mux_id mux::next_id() { return last_own_ = last_own_ == 0 ? (dialler_ ? 1 : 2) : last_own_ + 2; }

// -- the owner's wishes
// -------------------------------------------------------------------------------------------

mux::stream& mux::add_stream(mux_id id) {
  auto& one = streams_[id];
  one.credit = peer_->window;
  one.window = one.promised = limits_.window;
  one.promised_at = now_;
  return one;
}

outcome<mux_id> mux::open(const mux_target& target) {
  if (!peer_ || going_ || peer_going_ || last_own_ >= 0xffff'fff0)
    return failure{errc::hop_down, {}, "the gateway link takes no new streams"};
  if (own_open_ >= peer_->max_streams)
    return failure{errc::busy, {}, "the gateway link has as many streams as its peer allows"};
  auto id = next_id();
  add_stream(id).opening = true;
  ++own_open_;
  ++counters_.opened;
  append_target(control_, mux_type::open, id, target);
  return id;
}

void mux::accept(mux_id stream) {
  auto one = find(stream);
  if (!one || !std::exchange(one->asked, false)) return;
  --unanswered_;
  append_frame(control_, mux_type::opened, stream);
}

void mux::refuse(mux_id stream, const mux_refusal& why) {
  auto one = find(stream);
  if (!one || !one->asked) return;
  append_refusal(control_, mux_type::refused, stream, why);
  remove(stream);
}

void mux::readable(mux_id stream, clock::time_point now) {
  auto one = find(stream);
  if (!one || one->out_done || one->asked || one->queued != turn::none) return;
  now_ = std::max(now_, now);
  auto pause = std::min<clock::duration>(now_ - one->dry_at, burst_pause);
  one->burst -= std::min(one->burst, static_cast<std::uint32_t>(interactive_burst * pause / burst_pause));
  one->dry_at = now_;
  if (one->burst <= interactive_burst / 2) one->is_bulk = false;
  queue(stream, *one);
}

void mux::consumed(mux_id stream, std::size_t count) {
  auto one = find(stream);
  if (!one || one->in_done || one->in_stopped) return;
  one->owed += static_cast<std::uint32_t>(count);
  if (one->owed < one->window / 2 || one->credit_due) return;
  if (now_ - one->promised_at < quickly) grow(*one);
  one->credit_due = true;
  credits_due_.push_back(stream);
}

void mux::reset(mux_id stream) {
  if (!find(stream)) return;
  append_frame(control_, mux_type::reset, stream);
  remove(stream);
}

void mux::stop(mux_id stream) {
  auto one = find(stream);
  if (!one || one->in_done || std::exchange(one->in_stopped, true)) return;
  append_frame(control_, mux_type::stop, stream);
  settle(stream);
}

void mux::go_away() {
  if (!std::exchange(going_, true)) append_frame(control_, mux_type::going_away, 0);
}

outcome<mux_id> mux::open_flow(const mux_target& target) {
  if (!peer_ || going_ || peer_going_ || last_own_ >= 0xffff'fff0)
    return failure{errc::hop_down, {}, "the gateway link takes no new flows"};
  auto id = next_id();
  append_target(control_, mux_type::flow, id, target);
  return id;
}

void mux::send_datagram(mux_id flow, byte_view data) {
  if (data.size() > mux_max_datagram) {
    ++counters_.datagrams_dropped;
    return;
  }
  datagrams_.push_back({flow, {data.begin(), data.end()}});
  datagram_bytes_ += data.size() + mux_head_size;
  while (datagram_bytes_ > limits_.datagram_queue && datagrams_.size() > 1) {
    datagram_bytes_ -= datagrams_.front().data.size() + mux_head_size;
    datagrams_.pop_front();
    ++counters_.datagrams_dropped;
  }
}

void mux::end_flow(mux_id flow, const mux_refusal& why) {
  append_refusal(control_, mux_type::flow_end, flow, why);
}

// -- streams
// ------------------------------------------------------------------------------------------------------

void mux::queue(mux_id id, stream& one) {
  one.wants_turn = one.credit == 0;
  if (one.wants_turn) return;
  one.queued = one.is_bulk ? turn::bulk : turn::interactive;
  queue_of(one.queued).push_back(id);
}

void mux::settle(mux_id id) {
  auto one = find(id);
  if (one && one->out_done && (one->in_done || one->in_stopped)) remove(id);
}

void mux::remove(mux_id id) {
  auto found = streams_.find(id);
  const auto& one = found->second;
  growth_left_ += one.window - limits_.window;
  shared_->left += one.window - limits_.window;
  if (one.asked) --unanswered_;
  --(is_own(id) ? own_open_ : peer_open_);
  streams_.erase(found);
}

void mux::grow(stream& one) {
  auto more = std::min(one.window, limits_.most_window - std::min(one.window, limits_.most_window));
  if (more == 0 || more > growth_left_ || more > shared_->left) return;
  growth_left_ -= more;
  shared_->left -= more;
  one.window += more;
  one.owed += more;
}

// -- sending
// ------------------------------------------------------------------------------------------------------

bool mux::wants_to_send() const {
  return !control_.empty() || !credits_due_.empty() || !datagrams_.empty() || !interactive_.empty() ||
         bulk_may_go();
}

void mux::produce(mux_buffer& out, std::size_t enough, clock::time_point now) {
  now_ = std::max(now_, now);
  produce_credits();
  auto before = out.size();
  out.append(control_);
  control_.clear();
  pace_.sent(out.size() - before);
  while (out.size() < enough && produce_round(out, enough)) {
  }
  if (bulk_.empty()) pace_.ran_dry(now_);
}

bool mux::produce_round(mux_buffer& out, std::size_t enough) {
  auto before = out.size();
  bool more = false;
  for (int i = 0; i < quick_turns && out.size() < enough; ++i)
    more |= produce_data(out, turn::interactive, fair_data);
  for (int i = 0; i < quick_turns && out.size() < enough; ++i) more |= produce_datagram(out);
  pace_.sent(out.size() - before);
  if (out.size() < enough) more |= produce_bulk(out);
  return more;
}

// A mark's own bytes don't count, or there would always be something behind the last one.
bool mux::produce_bulk(mux_buffer& out) {
  if (!bulk_may_go()) return false;
  if (pace_.wants_mark()) {
    bytes ping;
    append_number(ping, mux_type::ping, 0, pace_.mark(now_));
    out.append(ping);
  }
  if (pace_.room() == 0) return false;
  auto before = out.size();
  bool more = produce_data(out, turn::bulk, bulk_frame());
  pace_.sent(out.size() - before);
  return more;
}

// Others wait for a quarter of a millisecond at most, or for a whole one if none is there yet, where the line
// is fast; a frame costs some work by itself.
std::size_t mux::bulk_frame() const {
  bool alone = interactive_.empty() && datagrams_.empty() && bulk_.size() == 1;
  return std::clamp<std::size_t>(pace_.batch() / (alone ? 1 : 4), least_bulk_frame, mux_max_data);
}

void mux::produce_credits() {
  for (auto id : credits_due_) {
    auto one = find(id);
    if (!one || !std::exchange(one->credit_due, false) || one->in_done || one->in_stopped) continue;
    append_number(control_, mux_type::credit, id, one->owed);
    one->promised += std::exchange(one->owed, 0);
    one->promised_at = now_;
  }
  credits_due_.clear();
}

bool mux::produce_datagram(mux_buffer& out) {
  if (datagrams_.empty()) return false;
  auto next = std::move(datagrams_.front());
  datagrams_.pop_front();
  datagram_bytes_ -= next.data.size() + mux_head_size;
  put_head(out.room(mux_head_size).data(),
           {static_cast<std::uint32_t>(next.data.size()), mux_type::datagram, next.flow});
  out.added(mux_head_size);
  out.append(next.data);
  ++counters_.datagrams_out;
  return true;
}

bool mux::produce_data(mux_buffer& out, turn which, std::size_t largest) {
  auto& line = queue_of(which);
  while (!line.empty()) {
    auto id = line.front();
    line.pop_front();
    auto one = find(id);
    if (!one || one->queued != which) continue;
    one->queued = turn::none;
    auto room = out.room(mux_head_size + std::min<std::size_t>(one->credit, largest));
    auto pulled = port_.pull(id, room.subspan(mux_head_size));
    if (one = find(id); !one || one->out_done) continue; // ended by the owner meanwhile
    if (pulled.count > 0) {
      put_head(room.data(), {static_cast<std::uint32_t>(pulled.count), mux_type::data, id});
      out.added(mux_head_size + pulled.count);
      counters_.bytes_out += pulled.count;
      one->credit -= static_cast<std::uint32_t>(pulled.count);
      auto burst = std::min<std::size_t>(one->burst + pulled.count, interactive_burst);
      one->burst = static_cast<std::uint32_t>(burst);
      if (burst == interactive_burst) one->is_bulk = true;
    }
    switch (pulled.next) {
    case mux_pulled::then::more:
      queue(id, *one);
      break;
    case mux_pulled::then::dry:
      one->dry_at = now_;
      break;
    case mux_pulled::then::end:
      put_head(out.room(mux_head_size).data(), {0, mux_type::fin, id});
      out.added(mux_head_size);
      one->out_done = true;
      settle(id);
      break;
    case mux_pulled::then::broken:
      reset(id);
      break;
    }
    return true;
  }
  return false;
}

// -- keep-alive
// ---------------------------------------------------------------------------------------------------

mux::clock::time_point mux::next_tick() const { return heard_ + limits_.keep_alive * (missed_ + 1); }

outcome<> mux::tick(clock::time_point now) {
  now_ = std::max(now_, now);
  if (now_ < next_tick()) return {};
  if (missed_ >= limits_.misses)
    return failure{errc::timed_out,
                   {},
                   "the other gateway gave no sign of life for " +
                       std::to_string((now_ - heard_) / std::chrono::seconds(1)) + " s"};
  ++missed_;
  append_number(control_, mux_type::ping, 0, pace_.mark(now_));
  return {};
}

} // namespace hublink
