#pragma once
/// How many streams who asks for them may have open here, and how fast he may ask. Pure: time is given.
#include "protocol/gateway/mux_limits.hpp"

#include <chrono>
#include <cstddef>

namespace hublink {

class open_limits {
 public:
  using clock = std::chrono::steady_clock;

  open_limits(const mux_limits& limits, clock::time_point now)
      : most_(limits.max_streams), most_unanswered_(limits.max_unanswered),
        per_second_(limits.opens_per_second), left_(limits.opens_per_second), left_at_(now) {}

  /// Why there may not be another one now; null: there may. Counts as one that was asked for.
  const char* refusal(clock::time_point now) {
    if (!is_slow_enough(now)) return "opened too fast";
    if (open_ >= most_) return "too many streams";
    if (unanswered_ >= most_unanswered_) return "too many opens wait for their destinations";
    return nullptr;
  }
  /// The pace alone.
  bool is_slow_enough(clock::time_point now) {
    std::chrono::duration<double> passed = now - left_at_;
    left_at_ = now;
    left_ = left_ + passed.count() * per_second_;
    if (left_ > per_second_) left_ = per_second_;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  void asked() {
    ++open_;
    ++unanswered_;
  }
  void answered() { --unanswered_; }
  void ended() { --open_; }
  /// From now on. What is open stays.
  void set_most(std::size_t streams) { most_ = streams; }

 private:
  std::size_t most_, most_unanswered_;
  std::size_t open_ = 0, unanswered_ = 0;
  double per_second_, left_;
  clock::time_point left_at_;
};

} // namespace hublink
