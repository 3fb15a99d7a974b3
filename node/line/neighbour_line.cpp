#include "node/line/neighbour_line.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {

/// Of one line; it takes about 1 µs each.
constexpr std::size_t most_at_once = 256;
/// What the kernel refused may be allowed by now.
constexpr std::chrono::seconds refusal_counts{10};
/// A look that begins before a connection has found the line's rate, and the one behind it, see the losses
/// that this makes.
constexpr int looks_until_settled = 2;

constexpr auto by_rate = "bbr";

} // namespace

line_member::line_member(std::shared_ptr<neighbour_line> of, int fd)
    : of_(std::move(of)), fd_(fd), own_(congestion_control_of(fd)), now_(own_) {}

line_member::~line_member() { forget(); }

void line_member::leave() {
  {
    std::lock_guard guard{of_->lock_};
    if (fd_ >= 0) of_->measure(*this, neighbour_line::clock::now());
  }
  forget();
}

void line_member::follow(int fd) {
  if (fd < 0) return leave();
  std::lock_guard guard{of_->lock_};
  if (fd_ >= 0) fd_ = fd;
}

void line_member::forget() {
  std::lock_guard guard{of_->lock_};
  if (std::exchange(fd_, -1) >= 0) std::erase(of_->members_, this);
}

line_member_ptr neighbour_line::join(int fd, const line_settings& settings, clock::time_point now) {
  auto made = std::make_shared<line_member>(shared_from_this(), fd);
  std::lock_guard guard{lock_};
  members_.push_back(made.get());
  treat(*made, settings, now);
  sum_.congestion = made->now_;
  return made;
}

bool neighbour_line::look(const line_settings& settings, clock::time_point now) {
  std::lock_guard guard{lock_};
  const auto before = sum_.bytes_out + sum_.bytes_in;
  most_segments_ = 0;
  const auto count = std::min(members_.size(), most_at_once);
  for (std::size_t i = 0; i < count; ++i) {
    if (next_ >= members_.size()) next_ = 0;
    measure(*members_[next_++], now);
  }
  for (auto* one : members_) treat(*one, settings, now);
  return sum_.bytes_out + sum_.bytes_in != before;
}

line_report neighbour_line::report() const {
  std::lock_guard guard{lock_};
  auto made = sum_;
  made.connections = members_.size();
  made.least_round_trip = choice_.least_round_trip();
  return made;
}

void neighbour_line::measure(line_member& one, clock::time_point now) {
  auto found = measure_tcp(one.fd_);
  if (!found) return;
  const auto before = std::exchange(one.last_, *found);
  const auto segments = found->segments_out - before.segments_out;
  const auto again = found->retransmitted - before.retransmitted;
  sum_.bytes_out += found->bytes_out - before.bytes_out;
  sum_.bytes_in += found->bytes_in - before.bytes_in;
  sum_.segments_out += segments;
  sum_.retransmitted += again;
  // Who only receives has a round trip of long ago.
  if (segments > 0 && segments >= most_segments_)
    sum_.round_trip = found->round_trip, most_segments_ = segments;
  const bool settled = one.settled_ >= looks_until_settled;
  one.settled_ = found->starting ? 0 : std::min(one.settled_ + 1, looks_until_settled);
  const auto needless = found->needless - before.needless;
  line_interval seen{segments, again - std::min(again, needless),
                     std::max(before.round_trip, found->round_trip), found->least_round_trip};
  if (!settled) seen.retransmitted = 0;
  if (settled || seen.least_round_trip.count() > 0) choice_.note(seen, now);
}

std::string neighbour_line::wanted(const line_member& one, const line_settings& settings) const {
  if (settings.congestion == line_settings::system) return one.own_;
  if (settings.congestion != line_settings::automatic) return settings.congestion;
  return choice_.loses() ? by_rate : one.own_;
}

void neighbour_line::treat(line_member& one, const line_settings& settings, clock::time_point now) {
  const auto name = wanted(one, settings);
  if (name == one.now_ || one.own_.empty()) return;
  const bool was_refused = std::ranges::find(refusals_told_, name) != refusals_told_.end();
  if (was_refused && now < ask_again_) return;
  if (auto why = set_congestion_control(one.fd_, name)) {
    ask_again_ = now + refusal_counts;
    if (was_refused || why.value() == EBADF) return;
    refusals_told_.push_back(name);
    return refused_(name, why, one.now_);
  }
  one.now_ = sum_.congestion = name;
}

} // namespace hublink
