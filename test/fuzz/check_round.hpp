#pragma once
#include "protocol/base/bytes.hpp"

#include <cstdlib>

namespace hublink {

/// What a decoder accepts must say the same again.
template <class Decode>
void check_round(byte_view data, Decode decode) {
  auto first = decode(data);
  if (!first) return;
  auto sent = encode(*first);
  auto second = decode(sent);
  if (!second || encode(*second) != sent) std::abort();
}

} // namespace hublink
