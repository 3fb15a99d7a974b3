#pragma once
/// A broadcast as its point's journal keeps it.
#include "actors/definition/definition.hpp"
#include "protocol/broadcast/receiver_board.hpp"
#include "protocol/broadcast/spool.hpp"
#include "protocol/circuit/transfer_key.hpp"
#include "protocol/link/link_message.hpp"

#include <string>
#include <vector>

namespace hublink {

/// Whether a point keeps a transfer for receivers that can't be had, and how long.
struct store_terms {
  store_policy policy = store_policy::never;
  std::int64_t until_ms = 0; ///< steady time
  bool held_back = false;    ///< nobody is asked: of `only`, until somebody has it delivered
  bool expired = false;      ///< kept for as long as it may: its file is gone

  bool operator==(const store_terms&) const = default;
};

struct spool_record {
  transfer_key key;
  open request; ///< as the point was
  std::vector<std::string> names;
  spool::state held;
  std::vector<branch_record> results; ///< of receivers
  std::int64_t used_ms = 0;           ///< steady time
  store_terms store{};
};

/// A row of what a server's store keeps.
struct stored_transfer {
  transfer_id transfer;
  std::string file, from;
  std::uint64_t size = 0; ///< bytes
  store_policy policy = store_policy::never;
  bool held_back = false;
  std::vector<std::string> waiting; ///< receivers that have not got it
  std::int64_t until_ms = 0;        ///< steady time; where it is shown, since 1970
};

/// One commit.
struct spool_change {
  /// Its parts and results: new ones alone.
  spool_record now;
  bool whole = true; ///< else without `request`, `names`, `store` and the offer, which are as before
  std::uint64_t drops_parts_from = 0; ///< chunk; 0: none. Before the new ones are added
  bool clears_failures = false;       ///< all results but receipts. The same
};

} // namespace hublink
