#pragma once
/// When a receiver makes a checkpoint, and how far it got with it. Pure.
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

class checkpoint_maker {
 public:
  explicit checkpoint_maker(checkpoint_interval interval) : interval_(std::move(interval)) {}

  /// The last one; of an earlier attempt at first.
  const checkpoint& safe() const { return safe_; }
  void start(checkpoint safe) {
    safe_ = std::move(safe);
    begun_ = interval_.clock();
  }

  /// At half of the interval, so that the whole is never exceeded while the disk works.
  bool is_due(std::uint64_t bytes) const {
    if (flush_ != flush::none) return false;
    return bytes - safe_.bytes >= interval_.bytes / 2 || interval_.clock() - begun_ >= interval_.time;
  }
  /// The stream must wait for the disk.
  bool is_too_far(std::uint64_t bytes) const { return bytes - safe_.bytes >= interval_.bytes; }

  /// That much is being made durable, beside the stream.
  void begin(checkpoint next) {
    begun_ = interval_.clock();
    next_ = std::move(next);
    flush_ = flush::running;
  }
  bool is_flushing() const { return flush_ == flush::running; }
  void flushed(bool well) { flush_ = well ? flush::done : flush::none; }
  /// It is durable, and nobody wrote it down yet.
  bool is_flushed() const { return flush_ == flush::done; }
  const checkpoint& take_flushed() { return take(std::move(next_)); }
  /// That much is durable now, whatever was being flushed.
  const checkpoint& take(checkpoint safe) {
    flush_ = flush::none;
    safe_ = std::move(safe);
    return safe_;
  }

 private:
  enum class flush : std::uint8_t { none, running, done };

  checkpoint_interval interval_;
  checkpoint safe_, next_;
  flush flush_ = flush::none;
  std::chrono::milliseconds begun_{};
};

} // namespace hublink
