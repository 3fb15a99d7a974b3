#pragma once
/// What one gateway link may take of its node, and its peer of it.
#include <chrono>
#include <cstdint>

namespace hublink {

/// What windows may grow by, shared by all links of a node.
struct mux_budget {
  std::uint64_t left = 256 << 20; ///< bytes
};

struct mux_limits {
  std::uint32_t window = 16 * 1024; ///< credit of a new stream, bytes; `max_streams` times this is promised
  std::uint32_t most_window = 4 << 20;    ///< of a stream that is read fast
  std::uint64_t window_growth = 64 << 20; ///< of all streams of the link together
  std::uint32_t max_streams = 16'384;     ///< that the peer may have open
  std::uint32_t max_unanswered = 2'048;   ///< opens of the peer that wait for their destination
  std::uint32_t opens_per_second = 20'000;
  std::size_t datagram_queue = 1 << 20;         ///< bytes that wait to be sent; the oldest are dropped
  std::chrono::milliseconds keep_alive{10'000}; ///< silent so long: a probe
  int misses = 3;                               ///< probes without any byte of the peer: the link is dead
};

} // namespace hublink
