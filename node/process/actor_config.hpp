#pragma once
/// How this process runs its actors.
#include <caf/all.hpp>

#include <algorithm>
#include <thread>

namespace hublink {

struct actor_config : caf::actor_system_config {
  actor_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::max<std::size_t>(2, std::thread::hardware_concurrency()));
    // Then it is others' turn: an actor that is told more than it can do would keep a thread to itself.
    set("scheduler.max-throughput", std::size_t(32));
  }
};

} // namespace hublink
