#pragma once
/// Who waits for something to change, in this process. Thread-safe.
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace hublink {

class wake_list {
 public:
  /// `wake` is called from any thread until `remove`; it must only pass the news on.
  std::uint64_t add(std::function<void()> wake) {
    std::lock_guard guard{lock_};
    waiting_.emplace(++last_, std::move(wake));
    return last_;
  }
  void remove(std::uint64_t id) {
    std::lock_guard guard{lock_};
    waiting_.erase(id);
  }
  void wake_all() const {
    std::lock_guard guard{lock_};
    for (const auto& [id, wake] : waiting_) wake();
  }

 private:
  mutable std::mutex lock_;
  std::map<std::uint64_t, std::function<void()>> waiting_;
  std::uint64_t last_ = 0;
};

} // namespace hublink
