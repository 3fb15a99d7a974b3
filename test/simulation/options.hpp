#pragma once
#include <cstdint>

namespace hublink::sim {

/// What the command line asks of the big test.
struct run_options {
  std::uint64_t from = 1, seeds = 500;
  int servers = 200;     ///< of the large network
  int receivers = 1'000; ///< of the large broadcast
};
run_options& options();

} // namespace hublink::sim
