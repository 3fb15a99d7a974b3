#pragma once
/// How many streams who asks for them may have open here, and how fast he may ask. A destination that does
/// not answer leaves a quarter of those that wait for one to the others. Pure: time is given.
#include "protocol/gateway/mux_frame.hpp"
#include "protocol/gateway/mux_limits.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace hublink {

class open_limits {
 public:
  using clock = std::chrono::steady_clock;

  open_limits(const mux_limits& limits, clock::time_point now)
      : most_(limits.max_streams), most_unanswered_(limits.max_unanswered),
        per_second_(limits.opens_per_second), left_(limits.opens_per_second), left_at_(now) {}

  /// Why there may not be another one now; null: there may. Counts as one that was asked for.
  const char* refusal(const mux_target& target, clock::time_point now) {
    if (!is_slow_enough(now)) return "opened too fast";
    if (open_ >= most_) return "too many streams";
    if (unanswered_.size() >= most_unanswered_) return "too many opens wait for their destinations";
    auto waiting = waiting_.find(to_string(target));
    if (waiting != waiting_.end() && waiting->second >= most_unanswered_ - most_unanswered_ / 4)
      return "too many opens wait for that destination";
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

  void asked(mux_id stream, const mux_target& target) {
    ++open_;
    auto where = to_string(target);
    ++waiting_[where];
    unanswered_.emplace(stream, std::move(where));
  }
  /// Once; what was answered before is fine.
  void answered(mux_id stream) {
    auto found = unanswered_.extract(stream);
    if (!found) return;
    auto waiting = waiting_.find(found.mapped());
    if (--waiting->second == 0) waiting_.erase(waiting);
  }
  void ended() { --open_; }
  /// From now on. What is open stays.
  void set_most(std::size_t streams) { most_ = streams; }

 private:
  std::size_t most_, most_unanswered_;
  std::size_t open_ = 0;
  std::unordered_map<mux_id, std::string> unanswered_;   ///< their destinations
  std::unordered_map<std::string, std::size_t> waiting_; ///< how many of them, by destination
  double per_second_, left_;
  clock::time_point left_at_;
};

} // namespace hublink
