#pragma once
/// Sends the spans of what happens at this node to a collector, on a thread of its own. It never makes who
/// has an event wait: what does not fit is dropped, and counted.
#include "node/spans/collector_line.hpp"
#include "node/spans/otlp_json.hpp"
#include "node/spans/span_builder.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace hublink {

class span_exporter {
 public:
  using clock = std::chrono::steady_clock;
  /// So many spans were `sent` or `dropped`. Thread-safe, returns at once.
  using counter = std::function<void(const char* result, std::uint64_t count)>;

  /// `bad_config`: that collector can't be used. Whether it answers is nothing to the start.
  static outcome<std::unique_ptr<span_exporter>> make(const span_collector& to, span_origin by,
                                                      counter counted);
  /// What is there is sent, if the collector takes it at once.
  ~span_exporter();

  /// Thread-safe, returns at once.
  void note(const transfer_id& transfer, const event::any& what, span::time at);

 private:
  struct noted {
    transfer_id transfer;
    event::any what;
    span::time at;
  };

  span_exporter(const span_collector& to, span_origin by, counter counted,
                std::unique_ptr<collector_line> line);
  void run();
  void build();
  void send_some();
  void take(const collector_answer& answer);
  void drop(std::uint64_t count, const char* what);
  void complain(const std::string& why);
  std::chrono::milliseconds longest_wait() const;

  const std::string endpoint_;
  const span_origin by_;
  const counter counted_;
  std::unique_ptr<collector_line> line_;

  std::mutex lock_;
  std::vector<noted> events_; ///< not looked at yet
  std::uint64_t lost_events_ = 0;
  std::atomic<bool> ending_ = false;

  // Of its thread.
  span_builder builder_;
  std::vector<span> waiting_, sending_;
  clock::time_point settle_at_{}, send_at_{}, end_at_ = clock::time_point::max();
  int failed_ = 0; ///< requests in a row
  std::uint64_t dropped_ = 0;
  bool complained_ = false;
  std::jthread thread_; ///< last: it uses all the others
};

} // namespace hublink
