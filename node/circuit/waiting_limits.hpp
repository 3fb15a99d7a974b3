#pragma once
/// How long a pump waits for what: for its peer, for its disk, for its owner. Pure: time is given.
/// docs/internals/disks.md, "Signs of life".
#include <algorithm>
#include <chrono>
#include <optional>

namespace hublink {

struct waiting_limits {
  using clock = std::chrono::steady_clock;

  /// Of somebody who was told to close: then his disk has had its time.
  static constexpr std::chrono::seconds last_work{2};

  std::chrono::seconds stall{30}; ///< `limits.stall_s`
  std::chrono::seconds work{900}; ///< `limits.work_s`

  /// Often enough for a peer whose `stall_s` is as short as may be.
  std::chrono::milliseconds sign_every() const {
    using std::chrono::milliseconds;
    return std::min(milliseconds{1000}, milliseconds{stall} / 3);
  }

  struct view {
    std::optional<clock::time_point> working{}; ///< since then the disk has been at one thing
    std::optional<clock::time_point> asked{};   ///< the owner
    std::optional<clock::time_point> closing{};
    bool alone = false;          ///< the circuit is gone: what the disk brings counts for the next one
    bool can_sign = false;       ///< the peer would take a sign of life now
    bool waits_for_peer = false; ///< for bytes, or for room for some
    clock::time_point moved{};   ///< any byte, either way
    clock::time_point sent{};    ///< any byte to the peer
  };
  enum class step : std::uint8_t { wait, sign, peer_is_lost, disk_is_lost };

  step next(const view& now_is, clock::time_point now) const {
    if (now_is.working) {
      // Whoever can't say that he lives is taken for dead by his peer anyway.
      auto most = now_is.can_sign || now_is.alone ? work : std::min(work, stall);
      if (now - *now_is.working >= most) return step::disk_is_lost;
      auto closing = now_is.closing ? std::max(*now_is.closing, *now_is.working) : now;
      if (now - closing >= last_work) return step::disk_is_lost;
    } else if (!now_is.asked && now_is.waits_for_peer && now - now_is.moved >= stall) {
      return step::peer_is_lost;
    }
    auto busy = now_is.working ? now_is.working : now_is.asked;
    bool is_due = busy && now - *busy < work && now - now_is.sent >= sign_every();
    return is_due && now_is.can_sign ? step::sign : step::wait;
  }
};

} // namespace hublink
