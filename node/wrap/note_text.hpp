#pragma once
/// A note as numbers that a record lock can hold. Pure.
#include "note.hpp"

namespace hublink::wrap {

/// Beginning and length of a byte range are a number each.
struct note_numbers {
  static constexpr int count = 6, bits = 56;
  std::uint64_t each[count];
};

note_numbers to_numbers(const note& what);
/// False: it is not what `to_numbers` said.
bool from_numbers(const note_numbers& numbers, note& into);

} // namespace hublink::wrap
