#pragma once
/// What repeats is said a few times, then counted, and summed up once a minute: so that nobody fills a trace
/// or a log. Pure: time is given.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

class repeat_tally {
 public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds span{60};
  static constexpr int said_of_each = 8; ///< in a span, of each kind
  static constexpr std::size_t most_kinds = 32;

  struct sum {
    std::string kind; ///< empty: of kinds that were too many to be told apart
    std::uint64_t count = 0;
  };

  /// Is it to be said by itself? Else it is counted under its kind.
  bool note(const std::string& kind, time now) {
    auto& count = count_of(kind, now);
    if (count.said < said_of_each) return ++count.said > 0;
    ++count.unsaid;
    owes_ = true;
    return false;
  }
  /// One that was not said.
  void add(const std::string& kind, time now) {
    ++count_of(kind, now).unsaid;
    owes_ = true;
  }
  /// When a sum is due; nothing if nothing was counted.
  std::optional<time> due() const {
    if (!owes_) return {};
    return until_;
  }
  /// What was counted and not said, and begins anew.
  std::vector<sum> take() {
    std::vector<sum> found;
    for (auto& [kind, count] : std::exchange(counts_, {}))
      if (count.unsaid > 0) found.push_back({kind, count.unsaid});
    owes_ = false;
    until_ = {};
    return found;
  }

  /// Nothing of it counts any more.
  bool is_over(time now) const { return !owes_ && now >= until_; }

 private:
  struct counts {
    int said = 0;
    std::uint64_t unsaid = 0;
  };

  counts& count_of(const std::string& kind, time now) {
    if (is_over(now)) {
      counts_.clear();
      until_ = now + span;
    }
    return counts_[counts_.contains(kind) || counts_.size() < most_kinds ? kind : std::string{}];
  }

  std::map<std::string, counts> counts_; ///< by kind
  time until_{};
  bool owes_ = false; ///< something was counted that was not said
};

} // namespace hublink
