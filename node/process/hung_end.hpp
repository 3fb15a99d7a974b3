#pragma once
/// The end of a process some of whose threads wait for a disk that does not answer.
#include "node/files/disk_pools.hpp"

#include <spdlog/spdlog.h>

#include <iostream>
#include <string>
#include <unistd.h>

namespace hublink {

/// Ends it with 0 once all else has ended in order, and says which disks these are. Threads that hang can't
/// be joined, and must not come back to globals that are destroyed.
[[noreturn]] inline void end_process_without(const disk_pools& disks, const std::string& node) {
  for (const auto& [place, what, since] : disks.slow({}))
    spdlog::warn("{} ends although {} does not answer since {} s ({})", node, place, since.count(), what);
  spdlog::shutdown();
  std::cout.flush();
  ::_exit(0);
}

} // namespace hublink
