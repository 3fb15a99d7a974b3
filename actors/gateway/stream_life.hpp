#pragma once
/// How long an application's connection is taken to be alive at a gateway. Pure.
#include "actors/definition/definition.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <chrono>

namespace hublink {

struct stream_life {
  /// Silence before the application's machine is asked whether it is there.
  std::chrono::seconds keep_alive{60};
  /// One direction has ended, and nothing moves in the other one for so long; 0: for ever.
  std::chrono::seconds half_closed{120};
};

/// Of streams with that target: what its gateway says, else the server itself.
stream_life life_of(const definition& self, const mux_target& target);

} // namespace hublink
