#pragma once
/// Entries by name, of so many: the oldest goes when there is one too many.
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace hublink {

template <class Entry>
class aging_table {
 public:
  explicit aging_table(std::size_t most) : most_(most) {}

  Entry* find(const std::string& name) {
    auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second.entry;
  }
  /// The one that is there, or a new one.
  Entry& of(const std::string& name) {
    auto [found, is_new] = entries_.try_emplace(name, kept{last_ + 1, {}});
    if (is_new) {
      by_age_.emplace(++last_, name);
      if (entries_.size() > most_) {
        entries_.erase(by_age_.begin()->second);
        by_age_.erase(by_age_.begin());
        ++forgotten_;
      }
    }
    return found->second.entry;
  }
  void erase(const std::string& name) {
    auto found = entries_.find(name);
    if (found == entries_.end()) return;
    by_age_.erase(found->second.number);
    entries_.erase(found);
  }
  /// Calls for each; those for which it says true go.
  template <class Call>
  void erase_if(Call call) {
    for (auto at = entries_.begin(); at != entries_.end();) {
      if (!call(at->second.entry)) {
        ++at;
        continue;
      }
      by_age_.erase(at->second.number);
      at = entries_.erase(at);
    }
  }
  std::size_t size() const { return entries_.size(); }
  /// So many went since the last call, because others came.
  std::uint64_t take_forgotten() { return std::exchange(forgotten_, 0); }

 private:
  struct kept {
    std::uint64_t number;
    Entry entry;
  };

  const std::size_t most_;
  std::map<std::string, kept> entries_;
  std::map<std::uint64_t, std::string> by_age_;
  std::uint64_t last_ = 0, forgotten_ = 0;
};

} // namespace hublink
