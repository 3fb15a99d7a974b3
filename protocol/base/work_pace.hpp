#pragma once
/// How much work a peer may make for this node: so much a second, and a quarter of that at once. Who makes
/// more is not read for a while. Pure: time is given.
#include <algorithm>
#include <chrono>

namespace hublink {

class work_pace {
 public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds longest_wait{1}; ///< whatever it has made

  explicit work_pace(double a_second) : rate_(a_second), left_(most()) {}

  void spend(double units, clock::time_point now) {
    refill(now);
    left_ = std::max(left_ - units, -rate_); // the longest wait
  }
  /// How long before it may make more.
  std::chrono::milliseconds wait(clock::time_point now) {
    refill(now);
    if (left_ >= 0) return std::chrono::milliseconds{0};
    return std::chrono::milliseconds{static_cast<int>(-left_ * 1000 / rate_) + 1};
  }

 private:
  double most() const { return rate_ / 4; }
  void refill(clock::time_point now) {
    if (seen_ == clock::time_point{}) seen_ = now;
    left_ = std::min(most(), left_ + rate_ * std::chrono::duration<double>(now - seen_).count());
    seen_ = now;
  }

  double rate_, left_;
  clock::time_point seen_{};
};

} // namespace hublink
