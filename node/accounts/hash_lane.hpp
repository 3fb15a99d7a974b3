#pragma once
/// A thread that checks passwords one after the other, in turn for the managers that ask: those of one
/// manager wait for each other, a manager waits for one check of each other manager at most. Thread-safe.
#include <asio/thread_pool.hpp>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace hublink {

class hash_lane {
 public:
  enum class urgency : std::uint8_t { normal, gives_way }; ///< the latter: to everything else on the machine

  explicit hash_lane(urgency how);
  ~hash_lane() { stop(); }
  /// What has not begun is dropped.
  void stop();
  void add(const std::string& manager, std::function<void()> check);

 private:
  void begin_next(const std::string& manager);

  std::mutex lock_;
  std::map<std::string, std::deque<std::function<void()>>> lines_; ///< by manager; the first one is under way
  asio::thread_pool thread_{1};
};

} // namespace hublink
