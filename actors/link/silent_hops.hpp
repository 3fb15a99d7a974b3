#pragma once
/// The neighbours that did not even refuse when they were last spoken to, so that other ways are tried before
/// another dial waits for them. Thread-safe.
#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace hublink {

class silent_hops {
 public:
  using clock = std::chrono::steady_clock;
  /// After that they are tried in their turn again.
  static constexpr clock::duration memory = std::chrono::seconds{60};
  /// A dial that failed after so long met silence: a refusal comes sooner, over the longest line.
  static constexpr clock::duration slow_dial = std::chrono::milliseconds{1500};

  void note(const std::string& name, clock::time_point now) {
    std::lock_guard guard{lock_};
    since_[name] = now;
  }
  /// It is there.
  void forget(const std::string& name) {
    std::lock_guard guard{lock_};
    since_.erase(name);
  }
  bool is_silent(const std::string& name, clock::time_point now) const {
    std::lock_guard guard{lock_};
    auto found = since_.find(name);
    return found != since_.end() && now - found->second < memory;
  }

 private:
  mutable std::mutex lock_;
  std::map<std::string, clock::time_point> since_; ///< by name: no more than there are neighbours
};

} // namespace hublink
