#pragma once
/// The addresses of machines with several that did not answer when another one did (RFC 8305, section 4:
/// history), so that not every dial waits for them again. Thread-safe.
#include "protocol/base/dial_address.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>

namespace hublink {

class slow_addresses {
 public:
  using clock = std::chrono::steady_clock;
  /// After that they are tried in their turn again.
  static constexpr clock::duration memory = std::chrono::seconds{60};
  static constexpr std::size_t most = 1024;

  static slow_addresses& of_process() {
    static slow_addresses all;
    return all;
  }

  void note(const endpoint& where, clock::time_point now) {
    std::lock_guard guard{lock_};
    if (since_.size() >= most)
      std::erase_if(since_, [&](const auto& each) { return is_over(each.second, now); });
    if (since_.size() < most) since_[where] = now;
  }
  /// It answers.
  void forget(const endpoint& where) {
    std::lock_guard guard{lock_};
    since_.erase(where);
  }
  /// Those come last, else in their order.
  endpoints order(endpoints all, clock::time_point now) const {
    std::lock_guard guard{lock_};
    std::stable_partition(all.begin(), all.end(), [&](const endpoint& each) {
      auto found = since_.find(each);
      return found == since_.end() || is_over(found->second, now);
    });
    return all;
  }

 private:
  static bool is_over(clock::time_point since, clock::time_point now) { return now - since >= memory; }

  mutable std::mutex lock_;
  std::map<endpoint, clock::time_point> since_;
};

} // namespace hublink
