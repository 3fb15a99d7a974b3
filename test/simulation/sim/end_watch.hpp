#pragma once
/// How long a simulated circuit's end waits for its peer, and when it gives signs of life: by the real pump's
/// rule. A disk that hangs has its limit where it hangs.
#include "node/circuit/waiting_limits.hpp"
#include "simulation/network/world.hpp"

#include <optional>
#include <utility>

namespace hublink::sim {

class end_watch {
 public:
  struct facts {
    std::uint64_t sent = 0, received = 0; ///< bytes
    bool busy = false;                    ///< with its disk, or its owner is asked
    bool can_sign = false;
  };

  end_watch(waiting_limits patience, duration now) : patience_(patience), moved_at_(now), sent_at_(now) {}

  duration every() const { return patience_.sign_every() / 2; }
  failure lost() const {
    return {errc::timed_out, {}, "no byte moved for " + std::to_string(patience_.stall.count()) + " s"};
  }

  waiting_limits::step look(duration now, const facts& seen) {
    const auto at = [](duration when) { return waiting_limits::clock::time_point{when}; };
    if (std::exchange(moved_, seen.sent + seen.received) != seen.sent + seen.received) moved_at_ = now;
    if (std::exchange(sent_, seen.sent) != seen.sent) sent_at_ = now;
    if (!seen.busy)
      busy_since_.reset();
    else if (!busy_since_)
      busy_since_ = now;
    waiting_limits::view view;
    if (busy_since_) view.asked = at(*busy_since_);
    view.can_sign = seen.can_sign;
    view.waits_for_peer = true;
    view.moved = at(moved_at_);
    view.sent = at(sent_at_);
    return patience_.next(view, at(now));
  }

 private:
  waiting_limits patience_;
  duration moved_at_, sent_at_;
  std::uint64_t moved_ = 0, sent_ = 0; ///< bytes, when it looked last
  std::optional<duration> busy_since_{};
};

} // namespace hublink::sim
