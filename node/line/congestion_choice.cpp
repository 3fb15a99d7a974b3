#include "node/line/congestion_choice.hpp"

#include <algorithm>
#include <cmath>

namespace hublink {

namespace {

using std::chrono::microseconds;

/// After so long what was seen counts half.
constexpr std::chrono::duration<double> half_life{60};
/// The least round trip counts for one or two of these: a line may lead another way from now on.
constexpr std::chrono::minutes span_of_least{5};

/// Nearer than that, a lost segment is made up for at once.
constexpr microseconds near_enough{5'000};

// A loss by itself says nothing: a connection that looks for the line's rate makes some. Those come in one
// burst and with a queue.
constexpr double most_round_trip = 1.15;
constexpr microseconds jitter{1'000};

/// CUBIC over 200 Mbit/s and 100 ms loses 0.005 % by its own doing, and is at half the rate with 0.02 %.
constexpr double lossy_share = 2e-4, clean_share = 5e-5;
constexpr double least_lossy_intervals = 3, least_segments_lossy = 100, least_segments_clean = 20'000;

} // namespace

void congestion_choice::note(const line_interval& seen, clock::time_point now) {
  if (seen.segments == 0 || seen.round_trip.count() == 0) return;
  forget_some(now);
  if (seen.least_round_trip.count() > 0)
    least_ = least_.count() == 0 ? seen.least_round_trip : std::min(least_, seen.least_round_trip);
  if (is_queued(seen)) return;
  segments_ += double(seen.segments);
  lost_ += double(seen.retransmitted);
  lossy_ += seen.retransmitted > 0 ? 1 : 0;

  const auto share = lost_ / segments_;
  const bool far = least_round_trip() >= near_enough;
  if (!loses_ && far && lossy_ > least_lossy_intervals - 0.5 && segments_ >= least_segments_lossy &&
      share >= lossy_share)
    loses_ = true;
  else if (loses_ && (!far || (segments_ >= least_segments_clean && share < clean_share)))
    loses_ = false;
}

void congestion_choice::forget_some(clock::time_point now) {
  if (noted_ != clock::time_point{}) {
    const auto left = std::exp2(-((now - noted_) / half_life));
    segments_ *= left, lost_ *= left, lossy_ *= left;
  }
  noted_ = now;
  if (now - span_began_ < span_of_least) return;
  least_before_ = least_;
  least_ = {};
  span_began_ = now;
}

microseconds congestion_choice::least_round_trip() const {
  if (least_before_.count() == 0) return least_;
  return least_.count() == 0 ? least_before_ : std::min(least_, least_before_);
}

bool congestion_choice::is_queued(const line_interval& seen) const {
  return seen.round_trip >
         std::chrono::duration_cast<microseconds>(least_round_trip() * most_round_trip) + jitter;
}

} // namespace hublink
