#pragma once
/// A broadcast as its point's journal keeps it.
#include "protocol/branch_board.hpp"
#include "protocol/message.hpp"
#include "protocol/spool.hpp"

#include <string>
#include <vector>

namespace hublink {

struct spool_record {
  transfer_id transfer;
  open told; ///< as the point was
  std::vector<std::string> names;
  spool::state held;
  std::vector<branch_record> words; ///< of receivers
  std::int64_t used_ms = 0;         ///< ms since 1970
};

/// One commit.
struct spool_change {
  /// Its parts and words: new ones alone.
  spool_record now;
  std::uint64_t drops_parts_from = 0; ///< chunk; 0: none. Before the new ones are added
  bool clears_failures = false;       ///< all words but receipts. The same
};

} // namespace hublink
