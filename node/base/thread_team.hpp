#pragma once
/// A pool of threads that can be ended before it is destroyed, so that pools whose work refers to each other
/// end together.
#include <asio/thread_pool.hpp>

namespace hublink {

class thread_team : public asio::thread_pool {
 public:
  using asio::thread_pool::thread_pool;

  /// Finishes what runs, and drops what is queued or waits. What comes later is never done.
  void end() {
    stop();
    join();
    shutdown();
  }
};

} // namespace hublink
