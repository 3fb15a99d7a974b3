#pragma once
/// How fast bytes may go. Turns are handed out in the order of asking; a round of all who share a limit takes
/// about 20 ms, so they get even parts, and none waits for a whole chunk of another. Pure: time is given.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace hublink {

class rate_limit {
 public:
  using clock = std::chrono::steady_clock;

  /// Bytes per second; 0: no limit.
  explicit rate_limit(std::uint64_t rate = 0) : rate_(rate) {}

  std::uint64_t rate() const { return rate_; }
  /// Turns handed out before are void: whoever waits for one asks again.
  void change(std::uint64_t rate);
  /// Bytes of one turn, at most `wanted`.
  std::size_t turn(std::size_t wanted, std::size_t sharers = 1) const;
  /// A turn of so many bytes: when they may go. What was not used lately allows a burst of 100 ms at most.
  clock::time_point reserve(std::size_t bytes, clock::time_point now);

 private:
  std::uint64_t rate_;
  clock::time_point next_{}; ///< when the next turn would begin if nothing had been saved up
};

/// A limit that many pumps share. Thread-safe.
class shared_rate_limit {
 public:
  explicit shared_rate_limit(std::uint64_t rate) : limit_(rate) {}

  std::uint64_t rate() const;
  void change(std::uint64_t rate);
  std::size_t turn(std::size_t wanted, std::size_t sharers) const;
  rate_limit::clock::time_point reserve(std::size_t bytes, rate_limit::clock::time_point now);

 private:
  mutable std::mutex mutex_;
  rate_limit limit_;
};

/// What one sending end has to keep to: its own limit and one that it shares. Not thread-safe.
class pacer {
 public:
  using clock = rate_limit::clock;

  /// `shared` may be null. Its owner holds it once, and everyone who shares it once.
  pacer(std::uint64_t own_rate, std::shared_ptr<shared_rate_limit> shared)
      : own_(own_rate), shared_(std::move(shared)) {}

  /// How many of `wanted` bytes may go now. None: not before `due`.
  std::size_t grant(std::size_t wanted, clock::time_point now);
  clock::time_point due() const { return due_; }
  void spent(std::size_t bytes);

  /// The lesser of both, in bytes per second; 0: there is none.
  std::uint64_t limit() const;
  void change_own(std::uint64_t rate);
  /// The shared limit changed.
  void start_over() { granted_.reset(); }

 private:
  rate_limit own_;
  std::shared_ptr<shared_rate_limit> shared_;
  std::optional<std::size_t> granted_; ///< what is left of the present turn
  clock::time_point due_{};            ///< of the present turn
};

} // namespace hublink
