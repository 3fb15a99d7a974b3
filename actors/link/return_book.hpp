#pragma once
/// For whom a node asked in vain: once the hop that refused may lead on again, who asked is told, and asks
/// anew. Every asker has a bounded part of it. Thread-safe.
#include "protocol/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

class return_book {
 public:
  static constexpr std::size_t most = 16'384, most_of_one = 2'048;

  struct asker {
    std::string name; ///< a neighbour
    transfer_id transfer;
  };
  /// What stood in the way of an attempt of that transfer.
  enum class obstacle : std::uint8_t {
    hop,    ///< it could not be reached
    beyond, ///< it said so: it has a book itself, as long as its process lives
  };

  /// Beyond the bounds the asker's own oldest ones go.
  void add(const std::string& hop, const asker& who, obstacle what) {
    std::lock_guard guard{lock_};
    remove(hop, who.transfer);
    for (auto own = by_age_.find(who.name);
         own != by_age_.end() && (own->second.size() >= most_of_one || size_ >= most);
         own = by_age_.find(who.name)) {
      const auto oldest = own->second.begin()->second;
      remove(oldest.first, oldest.second);
    }
    if (size_ >= most) return;
    by_age_[who.name].emplace(++steps_, place{hop, who.transfer});
    by_hop_[hop].emplace(who.transfer, entry{.name = who.name, .what = what, .step = steps_});
    ++size_;
  }

  /// A connection of that hop came up; `restarted`: of another process than before. Oldest first.
  std::vector<asker> take(const std::string& hop, bool restarted) {
    std::lock_guard guard{lock_};
    std::map<std::uint64_t, asker> found;
    if (auto waiting = by_hop_.find(hop); waiting != by_hop_.end())
      for (const auto& [transfer, known] : waiting->second)
        if (restarted || known.what == obstacle::hop)
          found.emplace(known.step, asker{.name = known.name, .transfer = transfer});
    std::vector<asker> all;
    for (auto& [step, who] : found) {
      remove(hop, who.transfer);
      all.push_back(std::move(who));
    }
    return all;
  }

  /// That hop was told so of that transfer; nothing: nobody waits for it there.
  std::optional<asker> take(const std::string& hop, const transfer_id& transfer) {
    std::lock_guard guard{lock_};
    auto waiting = by_hop_.find(hop);
    if (waiting == by_hop_.end()) return {};
    auto known = waiting->second.find(transfer);
    if (known == waiting->second.end()) return {};
    asker who{.name = known->second.name, .transfer = transfer};
    remove(hop, transfer);
    return who;
  }

  std::size_t size() const {
    std::lock_guard guard{lock_};
    return size_;
  }

 private:
  using place = std::pair<std::string, transfer_id>; ///< hop, and what waits for it
  struct entry {
    std::string name;
    obstacle what;
    std::uint64_t step;
  };

  void remove(const std::string& hop, const transfer_id& transfer) {
    auto waiting = by_hop_.find(hop);
    if (waiting == by_hop_.end()) return;
    auto known = waiting->second.find(transfer);
    if (known == waiting->second.end()) return;
    const auto name = known->second.name;
    auto own = by_age_.find(name);
    own->second.erase(known->second.step);
    if (own->second.empty()) by_age_.erase(own);
    waiting->second.erase(known);
    if (waiting->second.empty()) by_hop_.erase(waiting);
    --size_;
  }

  mutable std::mutex lock_;
  std::map<std::string, std::map<transfer_id, entry>> by_hop_;
  std::map<std::string, std::map<std::uint64_t, place>> by_age_; ///< by asker
  std::size_t size_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace hublink
