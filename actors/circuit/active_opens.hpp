#pragma once
/// What this node knows of `open`s: those that are active, so that a second one with the same key is known as
/// a routing loop, and those that found no way on from here, so that one search asks no node twice.
/// Thread-safe.
#include "protocol/link/link_message.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace hublink {

class active_opens {
 public:
  using clock = std::chrono::steady_clock;
  /// Active for as long as somebody holds it.
  using claim = std::shared_ptr<const open_key>;

  /// Null if the key is active already.
  claim enter(open_key key) {
    std::lock_guard guard{table_->lock};
    auto [place, fresh] = table_->keys.insert(std::move(key));
    if (!fresh) return nullptr;
    return claim{&*place, [table = table_](const open_key* over) {
                   std::lock_guard guard{table->lock};
                   table->keys.erase(*over);
                 }};
  }

  /// No way leads on from here for that search, which is over by `until`.
  void note_dead_end(const open& request, clock::time_point now, clock::time_point until) {
    std::lock_guard guard{table_->lock};
    auto& dead_ends = table_->dead_ends;
    if (dead_ends.size() >= table_->sweep_at) {
      std::erase_if(dead_ends, [&](const auto& each) { return each.second < now; });
      table_->sweep_at = std::max(least_sweep, 2 * dead_ends.size());
    }
    dead_ends.insert_or_assign(search{request.key(), request.round}, until);
  }
  bool is_dead_end(const open& request, clock::time_point now) const {
    std::lock_guard guard{table_->lock};
    auto found = table_->dead_ends.find(search{request.key(), request.round});
    return found != table_->dead_ends.end() && now <= found->second;
  }
  /// Kept at present, what is over included.
  std::size_t dead_ends() const {
    std::lock_guard guard{table_->lock};
    return table_->dead_ends.size();
  }

 private:
  using search = std::pair<open_key, std::uint32_t>;
  static constexpr std::size_t least_sweep = 256;
  struct table {
    std::mutex lock;
    std::set<open_key> keys;
    std::map<search, clock::time_point> dead_ends;
    std::size_t sweep_at = least_sweep; ///< what is over is erased when there are so many
  };
  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace hublink
