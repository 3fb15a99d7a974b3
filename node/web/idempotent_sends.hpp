#pragma once
/// Answers to requests that came with a key, so that who asks again with it, not knowing whether the first
/// time did anything, is answered by what that one did. In memory: for a day, and until the node restarts.
/// Thread-safe.
#include "node/web/web_exchange.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace hublink {

class idempotent_sends {
 public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most = 10'000;
  static constexpr std::chrono::hours kept{24};

  /// What to answer at once: what the first one was answered, or why that can't be. Nothing: it is the first
  /// one, and `settle` has to follow.
  std::optional<http_answer> begin(const std::string& key, const std::string& content, time now);
  /// What came of it. What failed may be tried again.
  void settle(const std::string& key, const http_answer& answer);

 private:
  struct entry {
    std::string content;
    time begun;
    std::optional<http_answer> answer{};
  };

  std::mutex lock_;
  std::map<std::string, entry> by_key_;
};

} // namespace hublink
