#pragma once
/// Says of one line whether a congestion control that takes loss for a full line (the system's, as a rule
/// CUBIC) is right there, or one that goes by rate and round trip (BBR). By what the connections over it saw.
/// Pure: the caller brings the time. docs/internals/line.md.
#include <chrono>
#include <cstdint>

namespace hublink {

/// What one connection saw since it was looked at last.
struct line_interval {
  std::uint64_t segments = 0, retransmitted = 0;
  std::chrono::microseconds round_trip{};       ///< the larger one of its begin and its end
  std::chrono::microseconds least_round_trip{}; ///< that the connection ever had
};

class congestion_choice {
 public:
  using clock = std::chrono::steady_clock;

  void note(const line_interval& seen, clock::time_point now);
  /// The line loses without being full, and far enough apart that this matters.
  bool loses() const { return loses_; }
  /// Of the last minutes; zero: none is known.
  std::chrono::microseconds least_round_trip() const;

 private:
  void forget_some(clock::time_point now);
  bool is_queued(const line_interval& seen) const;

  std::chrono::microseconds least_{}, least_before_{}; ///< of this span, of the one before
  clock::time_point span_began_{}, noted_{};
  double segments_ = 0, lost_ = 0; ///< in intervals without a queue; what is older counts less
  double lossy_ = 0;               ///< how many intervals had a loss among them
  bool loses_ = false;
};

} // namespace hublink
