#pragma once
/// Tells the service manager, while the node works, that it does: at half the time that it waits for.
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <caf/actor_system.hpp>

namespace hublink {

class alive_signs {
 public:
  /// Nothing is told where nobody waits for it. `context` must not run any more when this one ends.
  alive_signs(asio::io_context& context, caf::actor_system& system);

  /// On the thread of `context`. An actor gives each sign: neither that thread nor the scheduler hangs then.
  void begin();

 private:
  asio::steady_timer timer_;
  caf::actor_system& system_;
  asio::steady_timer::duration every_{};
};

} // namespace hublink
