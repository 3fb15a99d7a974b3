#pragma once
/// Who waits for something to change, in this process. Thread-safe.
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace hublink {

class wake_list {
 public:
  /// `wake` is called from any thread until `remove`, and once more if that comes in the midst of it; it must
  /// only pass the news on, and keeps nobody alive.
  std::uint64_t add(std::function<void()> wake) {
    std::lock_guard guard{lock_};
    waiting_.emplace(++last_, std::move(wake));
    return last_;
  }
  void remove(std::uint64_t id) {
    std::lock_guard guard{lock_};
    waiting_.erase(id);
  }
  // Without the lock: the news may end who is told, and whoever ends takes himself off the list.
  void wake_all() const {
    std::vector<std::function<void()>> all;
    {
      std::lock_guard guard{lock_};
      for (const auto& [id, wake] : waiting_) all.push_back(wake);
    }
    for (const auto& wake : all) wake();
  }

 private:
  mutable std::mutex lock_;
  std::map<std::uint64_t, std::function<void()>> waiting_;
  std::uint64_t last_ = 0;
};

} // namespace hublink
