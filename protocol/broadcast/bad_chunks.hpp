#pragma once
/// Which chunks of a spool did not open at its receivers, and from which on it is fetched again. A receiver
/// may lie, and each time costs the others a part of the file: so three times at once, and then once in ten
/// minutes. Why not three times for good: a line may be disturbed for days, and a stored file waits as long.
/// Pure: time is given, by a steady clock.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace hublink {

class bad_chunks {
 public:
  using duration = std::chrono::milliseconds;
  static constexpr std::int64_t at_once = 3;
  static constexpr duration between{std::chrono::minutes{10}};

  /// A receiver could not open that chunk, or what stands before it. The second time, whoever says so, it is
  /// the spool's fault and not a line's. True: discard from it on.
  bool blame(std::uint64_t chunk, duration now) {
    return std::exchange(blamed_, chunk) == chunk && discard(chunk, now);
  }
  /// A point that is fed from here had discarded that chunk, and it did not open again: counts at once.
  bool blame_by_point(std::uint64_t chunk, duration now) { return discard(chunk, now); }
  /// Was discarded, and did not open again: who it comes from must hear of it. 0: none.
  std::uint64_t from_above() const { return from_above_; }
  void begin_attempt() { from_above_ = 0; }

 private:
  bool discard(std::uint64_t chunk, duration now) {
    const auto given_back = std::min<std::int64_t>(used_, (now - since_) / between);
    used_ -= given_back;
    since_ += given_back * between;
    if (used_ >= at_once) return false;
    if (used_++ == 0) since_ = now;
    blamed_ = 0;
    if (std::exchange(last_, chunk) == chunk) from_above_ = chunk;
    return true;
  }

  std::uint64_t blamed_ = 0, last_ = 0, from_above_ = 0; ///< chunks; `last_` was discarded
  std::int64_t used_ = 0;                                ///< and not given back yet
  duration since_{};                                     ///< of the first of those
};

} // namespace hublink
