#pragma once
/// What has happened at this node since its start, counted as it is written down. Names and labels:
/// docs/reference/metrics.md. Thread-safe; it never waits for who looks.
#include "actors/ports/event_log.hpp"

#include <prometheus/metric_family.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace hublink {

class metric_list;

class event_counters {
 public:
  using clock = std::chrono::steady_clock;

  event_counters();
  ~event_counters();

  void note(const transfer_id& transfer, const event::any& what, clock::time_point now);
  /// Of `count` events that could not be written.
  void note_lost(std::uint64_t count);
  /// A commit of the journal that took so long.
  void note_commit(clock::duration took);
  /// So many spans were `sent` or `dropped`.
  void note_spans(const char* result, std::uint64_t count);
  std::vector<prometheus::MetricFamily> collect() const;

  /// Who knows what else there is to measure; before anybody looks.
  void measure_by(std::function<void(metric_list&)> more) { more_ = std::move(more); }
  void measure(metric_list& to) const {
    if (more_) more_(to);
  }

 private:
  struct families;
  struct starts;

  std::unique_ptr<families> families_;
  std::unique_ptr<starts> starts_;
  std::function<void(metric_list&)> more_;
};

} // namespace hublink
