#pragma once
/// Whether the peer of a gateway link is alive: any byte of it is a sign of life. Pure: time is given.
#include "protocol/base/errors.hpp"
#include "protocol/gateway/mux_limits.hpp"

#include <chrono>
#include <string>

namespace hublink {

class mux_pulse {
 public:
  using clock = std::chrono::steady_clock;

  mux_pulse(const mux_limits& limits, clock::time_point now)
      : pause_(limits.keep_alive), most_(limits.misses), heard_(now) {}

  void heard(clock::time_point now) {
    heard_ = now;
    missed_ = 0;
  }
  /// When to ask.
  clock::time_point next() const { return heard_ + pause_ * (missed_ + 1); }
  /// It is asked once more. Fails with `timed_out` after too many without an answer.
  outcome<> ask(clock::time_point now) {
    if (missed_ >= most_)
      return failure{errc::timed_out,
                     {},
                     "the other gateway gave no sign of life for " +
                         std::to_string((now - heard_) / std::chrono::seconds(1)) + " s"};
    ++missed_;
    return {};
  }

 private:
  std::chrono::milliseconds pause_;
  int most_, missed_ = 0;
  clock::time_point heard_;
};

} // namespace hublink
