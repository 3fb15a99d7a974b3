#pragma once
/// When a sending end may send: its limits, and the wait for its next turn.
#include "node/circuit/rate_limit.hpp"

#include <asio/steady_timer.hpp>

#include <functional>
#include <optional>

namespace hublink {

/// Without a limit every turn is now. Not thread-safe.
class paced_turn {
 public:
  explicit paced_turn(const asio::any_io_executor& executor) : timer_(executor) {}

  void limit(pacer limits) { pacer_ = std::move(limits); }
  /// How many of `wanted` bytes may go now; none: `wait`.
  std::size_t grant(std::size_t wanted) {
    return pacer_ ? pacer_->grant(wanted, pacer::clock::now()) : wanted;
  }
  void spent(std::size_t bytes) {
    if (pacer_) pacer_->spent(bytes);
  }
  bool is_awaited() const { return awaited_; }
  /// Bytes per second, the lesser of its limits; 0: none.
  std::uint64_t limit() const { return pacer_ ? pacer_->limit() : 0; }
  /// `then`, on the executor, has to call `waited`. One at a time, others are none.
  void wait(std::function<void()> then) {
    if (!pacer_ || std::exchange(awaited_, true)) return;
    timer_.expires_at(pacer_->due());
    timer_.async_wait([then = std::move(then)](std::error_code) { then(); });
  }
  void waited() { awaited_ = false; }
  /// The end's own limit, in bytes per second, 0 for none; nothing: the shared one changed. Whoever waits
  /// asks anew.
  void change(std::optional<std::uint64_t> own) {
    if (!pacer_) return;
    own ? pacer_->change_own(*own) : pacer_->start_over();
    timer_.cancel();
  }
  void cancel() { timer_.cancel(); }

 private:
  std::optional<pacer> pacer_;
  asio::steady_timer timer_;
  bool awaited_ = false;
};

} // namespace hublink
