#pragma once
/// Where logins wait that come from managers which guess: one after the other, with a pause behind each, in
/// turn for the managers. Those of one manager wait for each other, a manager waits for one of each other
/// manager at most. Thread-safe.
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace hublink {

class guess_lane {
 public:
  explicit guess_lane(std::chrono::milliseconds pause) : pause_(pause), timer_(thread_) {}
  ~guess_lane() { stop(); }
  /// What has not begun is dropped.
  void stop();
  void add(const std::string& manager, std::function<void()> check);

 private:
  void begin_next();

  const std::chrono::milliseconds pause_;
  std::mutex lock_;
  std::map<std::string, std::deque<std::function<void()>>> lines_; ///< by manager
  std::deque<std::string> turns_;                                  ///< managers that have some waiting
  bool busy_ = false;
  asio::thread_pool thread_{1};
  asio::steady_timer timer_;
};

} // namespace hublink
