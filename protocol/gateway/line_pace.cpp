#include "protocol/gateway/line_pace.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {

using std::chrono::microseconds;

constexpr std::uint64_t most_rate = 100'000'000'000; ///< bytes/s; a peer may say anything
constexpr std::uint64_t first_window = 128 * 1024, least_window = 32 * 1024;
constexpr std::size_t first_batch = 128 * 1024, least_batch = 16 * 1024, most_batch = 512 * 1024;
/// What may stand in front of the narrowest line, so that it never waits for this side: a microsecond for
/// each 100 kB/s within these bounds. Where a line is as fast as processors are, they have others to serve
/// for milliseconds.
constexpr microseconds least_standing{1'500}, most_standing{5'000};
constexpr std::uint64_t rate_of_a_microsecond = 100'000;
/// As long as the rate still grows: twice the round trip, as in TCP's slow start; then a quarter more, to
/// find out when the line gets faster.
constexpr int growing_percent = 200, steady_percent = 125;
constexpr int flat_enough = 3;
constexpr microseconds interval{10'000};
/// A least round trip older than this may belong to a way that the line does not take any more.
constexpr std::chrono::seconds least_holds{10};

} // namespace

std::uint64_t line_pace::window() const {
  if (rate_ == 0) return first_window;
  auto percent = flat_intervals_ < flat_enough ? growing_percent : steady_percent;
  auto standing = std::clamp(microseconds{rate_ / rate_of_a_microsecond}, least_standing, most_standing);
  auto time = least_ * percent / 100 + standing;
  return std::max(least_window, rate_ * static_cast<std::uint64_t>(time.count()) / 1'000'000);
}

std::size_t line_pace::room() const {
  if (marks_.empty()) return window();
  if (draining_) return 0;
  auto under_way = sent_ - arrived_;
  return std::max(window(), under_way) - under_way;
}

std::size_t line_pace::batch() const {
  return rate_ == 0 ? first_batch : std::clamp<std::size_t>(rate_ / 1000, least_batch, most_batch);
}

bool line_pace::wants_mark() const {
  return marks_.empty() || sent_ - marks_.back().position >= (draining_ ? 1 : batch());
}

std::uint32_t line_pace::mark(clock::time_point now) {
  if (marks_.empty()) { // whatever went out before has arrived long since, or is little
    arrived_ = sent_;
    if (dry_at_ >= measured_at_) measuring_ = false;
    measures_anew_ = least_ == microseconds::zero() || now - least_at_ > least_holds;
  }
  marks_.push_back({++number_, sent_, now});
  return number_;
}

void line_pace::answered(std::uint32_t number, clock::time_point now) {
  auto found = std::ranges::find(marks_, number, &waiting::number);
  if (found == marks_.end()) return;
  auto mark = *found;
  marks_.erase(marks_.begin(), found + 1);
  measure_round_trip(now - mark.at, now);
  arrived_ = mark.position;
  measure_rate(now);
  if (marks_.empty())
    measuring_ = measuring_ && !std::exchange(draining_, false);
  else if (now - least_at_ > least_holds)
    draining_ = true;
}

void line_pace::measure_round_trip(clock::duration taken, clock::time_point now) {
  round_trip_ = std::max(microseconds{1}, std::chrono::duration_cast<microseconds>(taken));
  if (!std::exchange(measures_anew_, false) && round_trip_ > least_) return;
  least_ = round_trip_;
  least_at_ = now;
}

// What arrived in an interval that is long beside a burst that the line lets pass, and a round trip at least.
// With less to send than the line would take it says how fast the line is at least.
void line_pace::measure_rate(clock::time_point now) {
  if (!std::exchange(measuring_, true)) {
    measured_ = arrived_;
    measured_at_ = now;
    return;
  }
  auto time = std::chrono::duration_cast<microseconds>(now - measured_at_);
  if (time < std::max(round_trip_, interval)) return;
  auto count = (arrived_ - measured_) * 1'000'000 / static_cast<std::uint64_t>(time.count());
  auto rate = std::min(count, most_rate);
  bool limited = dry_at_ >= measured_at_;
  rate_ = std::max(rate, limited ? rate_ : rate_ - rate_ / 16);
  if (rate_ >= grown_ + grown_ / 4) {
    grown_ = rate_;
    flat_intervals_ = 0;
  } else if (!limited) {
    ++flat_intervals_;
  }
  measured_ = arrived_;
  measured_at_ = now;
}

} // namespace hublink
