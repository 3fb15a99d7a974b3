#pragma once
/// Where events go beside the trace: to who follows them, to what counts them, and to who collects spans.
#include "node/events/client_events.hpp"
#include "node/events/event_folder.hpp"
#include "node/metrics/event_counters.hpp"
#include "node/process/node_process.hpp"
#include "node/spans/span_exporter.hpp"

namespace hublink {

struct event_outlets {
  /// Throws `not_started`.
  explicit event_outlets(const node_options& options);

  /// For the trace's folder, which must not outlive this.
  decltype(event_folder_config::noted) noted();

  live_events live;
  event_counters counters;
  std::unique_ptr<span_exporter> spans; ///< null: nobody collects them
};

} // namespace hublink
