#pragma once
/// The threads on which the ends of circuits work.
#include "node/files/disk_pools.hpp"

namespace hublink {

struct worker_pools {
  explicit worker_pools(disk_pools_ptr for_files) : disks(std::move(for_files)) {}

  /// Watches, passes on orders and answers, drives the ends that have no file: it never waits for a disk.
  thread_team steady{2};
  disk_pools_ptr disks;

  /// Drops what is queued, finishes what runs, but not what a disk that does not answer is at.
  void stop() {
    steady.stop();
    steady.join();
    disks->end();
    steady.end();
  }
};

} // namespace hublink
