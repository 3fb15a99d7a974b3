#pragma once
/// How long a thread that has nothing to do looks for more before it sleeps, and lets others go first
/// meanwhile. Being woken takes as long as carrying a request, longest on a virtual machine; but where others
/// have work for every core, who lets them go first waits for a whole slice of theirs, while who sleeps is let
/// in at once when he is woken. Pure: time is given. docs/internals/gateway.md.
#include <algorithm>
#include <chrono>

namespace hublink {

class awake_time {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::microseconds usual{50};
  /// Somebody else worked meanwhile who is not about to wake this thread: slices are milliseconds.
  static constexpr std::chrono::microseconds slice{500};
  static constexpr std::chrono::milliseconds first_pause{100}, last_pause{10'000};

  /// Nothing to do since `idle_since`: look once more?
  bool stays(clock::time_point idle_since, clock::time_point now) const {
    return now >= sleeps_until_ && now - idle_since < usual;
  }
  /// It let others go first, and is back.
  void let_others(clock::time_point from, clock::time_point until) {
    if (until - from < slice) {
      if (until >= fine_from_) pause_ = first_pause;
      return;
    }
    sleeps_until_ = until + pause_;
    pause_ = std::min<std::chrono::milliseconds>(2 * pause_, last_pause);
    fine_from_ = sleeps_until_ + first_pause;
  }

 private:
  clock::time_point sleeps_until_{}; ///< at once, as long as nothing is to be done
  clock::time_point fine_from_{};    ///< the machine is free again if nobody has taken a slice by then
  std::chrono::milliseconds pause_ = first_pause;
};

} // namespace hublink
