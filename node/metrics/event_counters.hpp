#pragma once
/// What has happened at this node since its start, counted as it is written down. Names and labels:
/// docs/reference/metrics.md. Thread-safe; it never waits for who looks.
#include "actors/ports/event_log.hpp"

#include <prometheus/metric_family.h>

#include <chrono>
#include <memory>
#include <vector>

namespace hublink {

class event_counters {
 public:
  using clock = std::chrono::steady_clock;

  event_counters();
  ~event_counters();

  void note(const transfer_id& transfer, const event::any& what, clock::time_point now);
  /// Of `count` events that could not be written.
  void note_lost(std::uint64_t count);
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct families;
  struct starts;

  std::unique_ptr<families> families_;
  std::unique_ptr<starts> starts_;
};

} // namespace hublink
