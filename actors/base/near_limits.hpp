#pragma once
/// Which of the process's limits are nearly used up. Thread-safe.
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

/// Of a limit in per cent: what is worth a word before somebody is refused.
inline constexpr unsigned near_limit = 80;

class near_limits {
 public:
  static near_limits& of_process() {
    static near_limits all;
    return all;
  }

  using measure = std::function<std::optional<unsigned>()>; ///< per cent; nothing: it is gone

  /// `what`: as in "sessions of management (limits.sessions)". From any thread; `now` is called by others.
  void watch(std::string what, measure now) {
    std::lock_guard guard{lock_};
    std::erase_if(all_, [](const limit& each) { return !each.now(); });
    all_.push_back({std::move(what), std::move(now)});
  }

  /// A line for each that is nearly used up; the same as long as it is.
  std::vector<std::string> warnings() {
    std::lock_guard guard{lock_};
    std::vector<std::string> lines;
    for (const auto& each : all_)
      if (each.now().value_or(0) >= near_limit) lines.push_back(warning_of(each.what));
    return lines;
  }

  static std::string warning_of(const std::string& what) {
    return what + ": more than " + std::to_string(near_limit) + " % of the limit are in use";
  }

 private:
  struct limit {
    std::string what;
    measure now;
  };

  std::mutex lock_;
  std::vector<limit> all_;
};

} // namespace hublink
