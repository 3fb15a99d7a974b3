#pragma once
/// How fast bytes move, as far as they were seen to. Pure.
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace hublink {

class progress_rate {
 public:
  using clock = std::chrono::steady_clock;
  /// A rate is that of so much of the past; of less than a moment there is none.
  static constexpr clock::duration window = std::chrono::seconds{10};
  static constexpr clock::duration least = std::chrono::milliseconds{500};

  /// So many bytes of the transfer are there at that time. What was there when it was first looked at did not
  /// move under anybody's eyes; fewer than before: it begins anew.
  void see(std::uint64_t bytes, clock::time_point now);
  /// Nothing is under way: what comes after is looked at anew.
  void forget() { seen_.clear(); }

  /// Bytes per second; nothing while none were seen to move.
  std::optional<double> per_second() const;

 private:
  struct sight {
    std::uint64_t bytes = 0;
    clock::time_point when;
  };
  std::deque<sight> seen_;
};

} // namespace hublink
