#pragma once
/// The threads on which the ends of transfers work.
#include <asio/thread_pool.hpp>

#include <algorithm>
#include <thread>

namespace hublink {

struct worker_pools {
  /// Reads, writes, seals. Few: they are meant to be busy.
  asio::thread_pool busy{std::clamp(std::thread::hardware_concurrency(), 2u, 4u)};
  /// Waits for disks (fsync). Apart, because a few of these would stop all other transfers for seconds.
  asio::thread_pool waiting{8};

  /// Drops what is queued, finishes what runs.
  void stop() {
    for (auto pool : {&busy, &waiting}) pool->stop();
    for (auto pool : {&busy, &waiting}) pool->join();
  }
};

} // namespace hublink
