#pragma once
/// How hops that are tried one after the other share the time for all of them, and which failure is told.
#include "protocol/base/errors.hpp"

#include <algorithm>
#include <chrono>

namespace hublink {

/// A little more than the dial of a machine that does not answer takes. Not a part of what is left: that
/// would be next to nothing after a dozen hops.
inline constexpr std::chrono::milliseconds kept_for_another{3500};

/// What the present hop may use of what is left for all.
inline std::chrono::nanoseconds share_of(std::chrono::nanoseconds left, bool another_follows) {
  left = std::max<std::chrono::nanoseconds>(left, std::chrono::milliseconds{1});
  return another_follows && left >= 2 * kept_for_another ? left - kept_for_another : left;
}

/// That there was no way on says less than what stopped a better one.
inline bool says_less(const failure& known, const failure& why) {
  auto only_no_way = [](errc code) { return code == errc::no_route || code == errc::loop; };
  return only_no_way(known.code) && !only_no_way(why.code);
}

} // namespace hublink
