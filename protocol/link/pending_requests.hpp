#pragma once
/// Numbers requests and matches answers, with a deadline each. Not thread-safe; one owner.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace hublink {

template <class T>
class pending_requests {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Keeps `pending` until it is taken, expires or the table is cleared. Numbers are never used twice.
  std::uint64_t add(T pending, time_point deadline) {
    auto number = ++last_;
    entries_.emplace(number, entry{std::move(pending), deadline});
    deadlines_.emplace(deadline, number);
    return number;
  }
  /// Nothing for an unknown, answered or expired number.
  std::optional<T> take(std::uint64_t number) {
    auto found = entries_.find(number);
    if (found == entries_.end()) return {};
    deadlines_.erase({found->second.deadline, number});
    auto pending = std::move(found->second.pending);
    entries_.erase(found);
    return pending;
  }
  /// Takes all whose deadline is not after `now`, oldest first.
  std::vector<T> expire(time_point now) {
    std::vector<T> late;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
      late.push_back(std::move(*take(deadlines_.begin()->second)));
    return late;
  }
  /// Takes all that `wanted(const T&)` says, in the order of their numbers.
  template <class Predicate>
  std::vector<T> take_if(Predicate wanted) {
    std::vector<T> taken;
    for (auto i = entries_.begin(); i != entries_.end();) {
      if (!wanted(std::as_const(i->second.pending))) {
        ++i;
        continue;
      }
      deadlines_.erase({i->second.deadline, i->first});
      taken.push_back(std::move(i->second.pending));
      i = entries_.erase(i);
    }
    return taken;
  }
  template <class Predicate>
  bool any(Predicate wanted) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& kept) { return wanted(kept.second.pending); });
  }
  std::optional<time_point> next_deadline() const {
    if (deadlines_.empty()) return {};
    return deadlines_.begin()->first;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct entry {
    T pending;
    time_point deadline;
  };
  std::map<std::uint64_t, entry> entries_;
  std::set<std::pair<time_point, std::uint64_t>> deadlines_;
  std::uint64_t last_ = 0;
};

} // namespace hublink
