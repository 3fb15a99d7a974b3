#pragma once
/// How a transfer is done, as the topology decides it for one file ID. One row a field, with name, bounds and
/// meaning: node/topology/transfer_policy_json.cpp.
#include "protocol/transfer/digest.hpp"

#include <cstdint>
#include <string_view>

namespace hublink {

/// What a receiver does with a file that is there already.
enum class if_exists : std::uint8_t { replace, refuse };

/// What the server where a file's last stretches begin does with it, see docs/reference/topology.md.
enum class store_policy : std::uint8_t { never, when_unreachable, always, only };
std::string_view to_string(store_policy policy); ///< as in the topology

inline constexpr int least_priority = -100, most_priority = 100;

struct retry_policy {
  int count = 0;
  int every_s = 20;
};

/// A node's definition has of it what that node acts on; everything else stands at its default there.
struct transfer_policy {
  // The sender's.
  digest_kind digest = digest_kind::xxh128;
  retry_policy retry;
  int priority = 0;           ///< higher first
  bool preempt = false;       ///< suspends running ones of lower priority
  std::uint64_t rate = 0;     ///< bytes per second at most; 0: no limit
  bool stop_others = false;   ///< broadcasts: once one receiver has failed, the others get it no more
  bool until_spooled = false; ///< broadcasts: complete once the point has all of it, durable
  // A receiver's.
  hublink::if_exists if_exists = if_exists::replace;
  // Of the server where the last stretches begin.
  store_policy store = store_policy::never;
  int store_s = 604'800; ///< how long it is kept for a receiver
};

} // namespace hublink
