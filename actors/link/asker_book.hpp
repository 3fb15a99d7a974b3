#pragma once
/// Who has asked for something over a link, for as long as he has what he got; and his share of it.
#include "actors/base/peer_share.hpp"

#include <caf/all.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hublink {

class asker_book {
 public:
  bool empty() const { return askers_.empty(); }
  std::size_t size() const { return askers_.size(); }
  bool knows(caf::actor_id asker) const { return numbers_.contains(asker); }

  void add(const caf::strong_actor_ptr& asker) { put(asker, {}, false); }
  /// False: `holder`, for whom he asks, has as many as is his share of `whole`.
  bool add(const caf::strong_actor_ptr& asker, std::string holder, int whole) {
    if (share_.take(holder, whole) != peer_share::answer::taken) return false;
    put(asker, std::move(holder), true);
    return true;
  }
  void remove(caf::actor_id asker) {
    auto number = numbers_.extract(asker);
    if (!number) return;
    auto gone = askers_.extract(number.mapped());
    if (gone.mapped().counts) share_.give_back(gone.mapped().holder);
  }
  /// Those who are alive, in order of their asking; nobody is left.
  std::vector<caf::strong_actor_ptr> take_all() {
    std::vector<caf::strong_actor_ptr> alive;
    for (const auto& [number, each] : askers_) {
      if (each.counts) share_.give_back(each.holder);
      if (auto actor = each.actor.lock()) alive.push_back(std::move(actor));
    }
    askers_.clear();
    numbers_.clear();
    return alive;
  }

 private:
  struct asker {
    caf::weak_actor_ptr actor;
    std::string holder;
    bool counts = false; ///< for that holder's share
  };

  void put(const caf::strong_actor_ptr& who, std::string holder, bool counts) {
    numbers_.emplace(who->id(), ++last_number_);
    askers_.emplace(last_number_,
                    asker{caf::actor_cast<caf::weak_actor_ptr>(who), std::move(holder), counts});
  }

  std::map<std::uint64_t, asker> askers_; ///< in order of their asking, for replay
  std::unordered_map<caf::actor_id, std::uint64_t> numbers_;
  std::uint64_t last_number_ = 0;
  peer_share share_{true};
};

} // namespace hublink
