#pragma once
/// Compresses a segment, to which nothing is appended meanwhile: blocks of lines as gzip members one behind
/// the other, which zcat and zgrep read as one file, with an index. Blocks.
#include "protocol/base/errors.hpp"

#include <filesystem>
#include <functional>

namespace hublink {

struct closing_segment {
  std::filesystem::path plain, packed; ///< `DAY.jsonl`, `DAY.jsonl.gz`
  std::int64_t steady_ms = 0;          ///< now; taken for the age of a segment without an index
  /// Asked now and then: end without having done anything.
  std::function<bool()> stopped = [] { return false; };
};

/// True: it is closed. False: it was stopped.
outcome<bool> close_segment(const closing_segment& what);

} // namespace hublink
