#pragma once
/// Of last resort: a node that was told to end ends, whatever runs. A thread of its own counts from the
/// signal on; if the process is still there when the time is over, it says in the log which of its threads
/// were busy, and ends the process. A kill at any moment costs nothing but the next start's recovery.
#include <chrono>
#include <string>
#include <thread>

namespace hublink {

class end_watch {
 public:
  explicit end_watch(std::chrono::milliseconds limit = std::chrono::seconds{8});
  /// The process may go on: what had to end has ended.
  ~end_watch();
  end_watch(const end_watch&) = delete;

  /// Counts from the next SIGTERM or SIGINT on, beside who handles them already. Once a process.
  void watch_signals();
  /// Counts from now on. From any thread.
  void begin();

 private:
  void watch(std::chrono::milliseconds limit) const;

  int begun_[2], over_[2]; ///< pipes: told by a byte, and by their end
  std::thread thread_;
};

/// The process's threads by name, each with what the kernel says that it does.
std::string threads_text();

} // namespace hublink
