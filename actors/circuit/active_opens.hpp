#pragma once
/// What this node knows of `open`s: those that are active, so that a second one for the same name is known as
/// a routing loop, and those that found no way on from here, so that one search asks no node twice. By each
/// name that was told, since names that were told together may part. Thread-safe.
#include "protocol/link/link_message.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

class active_opens {
  struct goal {
    std::string open_id, file, name; ///< without a name: what the file's definition says
    auto operator<=>(const goal&) const = default;
  };
  struct table;

 public:
  using clock = std::chrono::steady_clock;

  /// Its names are active for as long as somebody holds it.
  class held {
   public:
    held(std::shared_ptr<table> in, std::set<goal> goals) : in_(std::move(in)), goals_(std::move(goals)) {}
    ~held() { release_all(); }
    held(const held&) = delete;
    /// None of them is any more, whoever holds it.
    void release_all() {
      std::lock_guard guard{in_->lock};
      for (const auto& each : goals_) in_->active.erase(each);
      goals_.clear();
    }
    /// That one is not any more.
    void release(const std::string& name) {
      std::lock_guard guard{in_->lock};
      auto is_it = [&](const goal& each) { return each.name == name && in_->active.erase(each) > 0; };
      std::erase_if(goals_, is_it);
    }
    /// One of the names of that key is among them.
    bool covers(const open_key& key) const {
      auto wanted = goals_of(key);
      std::lock_guard guard{in_->lock};
      return std::any_of(wanted.begin(), wanted.end(), [&](const goal& each) { return goals_.count(each); });
    }

   private:
    std::shared_ptr<table> in_;
    std::set<goal> goals_;
  };
  using claim = std::shared_ptr<held>;

  /// Null if one of its names is active already.
  claim enter(const open_key& key) {
    auto goals = goals_of(key);
    std::lock_guard guard{table_->lock};
    for (const auto& each : goals)
      if (table_->active.count(each)) return nullptr;
    table_->active.insert(goals.begin(), goals.end());
    return std::make_shared<held>(table_, std::move(goals));
  }
  /// As far as they are not.
  claim enter_rest(const open_key& key) {
    auto goals = goals_of(key);
    std::lock_guard guard{table_->lock};
    std::erase_if(goals, [this](const goal& each) { return !table_->active.insert(each).second; });
    return std::make_shared<held>(table_, std::move(goals));
  }

  /// No way leads on from here for that search, which is over by `until`.
  void note_dead_end(const open& request, clock::time_point now, clock::time_point until) {
    std::lock_guard guard{table_->lock};
    auto& dead_ends = table_->dead_ends;
    if (dead_ends.size() >= table_->sweep_at) {
      std::erase_if(dead_ends, [&](const auto& each) { return each.second < now; });
      table_->sweep_at = std::max(least_sweep, 2 * dead_ends.size());
    }
    for (const auto& each : goals_of(request.key()))
      dead_ends.insert_or_assign(search{each, request.round}, until);
  }
  /// For all that it names.
  bool is_dead_end(const open& request, clock::time_point now) const {
    const auto goals = goals_of(request.key());
    std::lock_guard guard{table_->lock};
    return std::all_of(goals.begin(), goals.end(), [&](const goal& each) {
      auto found = table_->dead_ends.find(search{each, request.round});
      return found != table_->dead_ends.end() && now <= found->second;
    });
  }
  /// Kept at present, what is over included.
  std::size_t dead_ends() const {
    std::lock_guard guard{table_->lock};
    return table_->dead_ends.size();
  }

 private:
  using search = std::pair<goal, std::uint32_t>;
  static constexpr std::size_t least_sweep = 256;
  struct table {
    std::mutex lock;
    std::set<goal> active;
    std::map<search, clock::time_point> dead_ends;
    std::size_t sweep_at = least_sweep; ///< what is over is erased when there are so many
  };

  static std::set<goal> goals_of(const open_key& key) {
    std::set<goal> goals;
    for (const auto& name : key.destination) goals.insert({key.open_id, key.file, name});
    if (goals.empty()) goals.insert({key.open_id, key.file, {}});
    return goals;
  }

  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace hublink
