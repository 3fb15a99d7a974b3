#pragma once
/// What a running node does for its own files, on a thread of its own: closes and removes segments of events,
/// goes on after SIGHUP, keeps the count of time for the next start, gives free memory back. No actor waits
/// for any of it.
#include "node/base/heap.hpp"
#include "node/base/steady_time.hpp"
#include "node/events/event_folder.hpp"

#include <condition_variable>
#include <functional>
#include <thread>

namespace hublink {

struct upkeep_work {
  steady_time* time = nullptr;
  event_folder* events = nullptr;
  std::function<std::chrono::hours()> keep;           ///< of events, by the definition in force
  std::function<void()> reopen_log;                   ///< after SIGHUP
  std::function<std::vector<std::string>()> warnings; ///< as they are now; new ones are said once
  std::function<void(const std::string& line)> warn;  ///< to the log
};

class upkeep {
 public:
  explicit upkeep(upkeep_work work);
  ~upkeep(); ///< soon, whatever it does; the count of time is kept
  upkeep(const upkeep&) = delete;

  /// SIGHUP: logs and trace are opened anew. From any thread.
  void reopen();

 private:
  void run();
  bool is_over() const;
  void say_what_is_new();
  void save();

  upkeep_work work_;
  heap_keeper heap_;
  std::vector<std::string> said_; ///< of the warnings
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false, reopens_ = false;
  std::thread thread_;
};

} // namespace hublink
