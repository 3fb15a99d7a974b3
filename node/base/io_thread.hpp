#pragma once
/// The life of a thread that runs an io context.
#include "actors/base/fallen_actors.hpp"

#include <asio/io_context.hpp>

namespace hublink {

/// Calls `run`, which runs handlers, until the context stops. A handler that throws is a mistake of this
/// program: it is noted as a fall of that thread, and the others go on.
template <class Run>
void run_handlers(asio::io_context& context, const char* thread, Run run) {
  while (!context.stopped()) {
    try {
      run();
      return;
    } catch (...) {
      fallen_actors::of_process().note(thread, std::current_exception());
    }
  }
}

} // namespace hublink
