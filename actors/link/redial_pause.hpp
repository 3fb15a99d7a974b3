#pragma once
/// How long a kept link waits before it is dialled again: doubled each time, up to a limit, and jittered, so
/// that neighbours of a hub that comes back do not all dial it at once.
#include "actors/ports/environment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hublink {

class redial_pause {
 public:
  using clock = std::chrono::steady_clock;

  /// `random` jitters it, by up to half of it.
  std::chrono::milliseconds next(const link_timing& timing, std::uint64_t random, clock::time_point now) {
    doubled_ = doubled_.count() == 0 ? timing.redial_first : std::min(doubled_ * 2, timing.redial_limit);
    const auto pause =
        doubled_ + std::chrono::milliseconds(random % std::uint64_t(doubled_.count() / 2 + 1));
    until_ = now + pause;
    return pause;
  }
  bool is_over(clock::time_point now) const { return now >= until_; }
  /// The link was up: the next pause is the first one again.
  void forget() { doubled_ = {}; }

 private:
  std::chrono::milliseconds doubled_{0};
  clock::time_point until_{};
};

} // namespace hublink
