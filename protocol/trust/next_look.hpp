#pragma once
/// When those who were let in by their certificates are looked at again. Pure.
#include "protocol/trust/credentials.hpp"

#include <algorithm>

namespace hublink {

/// A clock that is set tells no timer: nobody stays longer than this after the end of his certificate.
inline constexpr std::chrono::milliseconds longest_look{2'000};

/// From now until the next look, `first_end` being the first of their certificates' ends. At the end itself,
/// not before it; and again soon where that lies behind already.
inline std::chrono::milliseconds until_next_look(trust::clock_time now, trust::clock_time first_end) {
  constexpr std::chrono::milliseconds soonest{10};
  if (first_end <= now) return soonest;
  if (first_end - now >= longest_look) return longest_look; // no overflow: `max` is an end, too
  auto left = std::chrono::ceil<std::chrono::milliseconds>(first_end - now);
  return std::clamp(left, soonest, longest_look);
}

} // namespace hublink
