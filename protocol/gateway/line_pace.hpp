#pragma once
/// How much may be under way on a link, so that what is urgent waits behind little of what is not: what the
/// line delivers in one of its round trips, and 1.5 to 5 ms more. Learned from marks in the bytes that are
/// sent and the answers to them, wherever on the way the narrowest line is; as BBR does
/// (draft-cardwell-iccrg-bbr: most rate, least round trip). Without I/O; not thread-safe.
#include <chrono>
#include <cstdint>
#include <deque>

namespace hublink {

class line_pace {
 public:
  using clock = std::chrono::steady_clock;

  /// Bytes that may be sent now.
  std::size_t room() const;
  /// Bytes of about a millisecond: what to make at once, and to leave unsent in the kernel.
  std::size_t batch() const;
  void sent(std::size_t count) { sent_ += count; }
  /// There was less to send than the line would take.
  void ran_dry(clock::time_point now) { dry_at_ = now; }

  bool wants_mark() const;
  /// The number of a mark that is sent now. Unanswered ones are few: one a batch within `room`.
  std::uint32_t mark(clock::time_point now);
  /// The peer has all that was sent before the mark. Unknown numbers change nothing.
  void answered(std::uint32_t number, clock::time_point now);

  /// Of the last mark; zero before there was one.
  std::chrono::microseconds round_trip() const { return round_trip_; }
  std::uint64_t rate() const { return rate_; } ///< bytes/s

 private:
  struct waiting {
    std::uint32_t number;
    std::uint64_t position; ///< bytes sent before it
    clock::time_point at;
  };

  std::uint64_t window() const;
  void measure_round_trip(clock::duration taken, clock::time_point now);
  void measure_rate(clock::time_point now);

  std::deque<waiting> marks_;
  std::uint32_t number_ = 0;
  std::uint64_t sent_ = 0, arrived_ = 0;
  clock::time_point dry_at_{}, least_at_{}, measured_at_{};
  std::chrono::microseconds round_trip_{0}, least_{0};
  std::uint64_t measured_ = 0;         ///< of `arrived_`, when the interval began that is measured
  std::uint64_t rate_ = 0, grown_ = 0; ///< grown: the rate at its last growth
  int flat_intervals_ = 0;             ///< without growth since
  bool measuring_ = false;             ///< an interval has begun
  bool draining_ = false;              ///< the line runs empty once, to show its own round trip
  bool measures_anew_ = false;         ///< the next answer shows it
};

} // namespace hublink
