#include "actors/broadcast/store_rounds.hpp"
#include "actors/broadcast/store_rules.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

constexpr std::chrono::minutes longest_pause{2};

} // namespace

std::vector<broadcast_table::entry> store_rounds::due(std::int64_t now_ms) {
  forget_if_somebody_is_back();
  std::vector<broadcast_table::entry> found;
  for (const auto& one : of_.all()) {
    if (!has_turn(*one, now_ms)) continue;
    auto known = tries_.find(one->held->offer().transfer);
    if (known == tries_.end() || known->second.next_ms <= now_ms) found.push_back(one);
  }
  return found;
}

void store_rounds::note_asked(const broadcast& one, std::int64_t now_ms) {
  auto& known = tries_[one.held->offer().transfer];
  known.next_ms = now_ms + pause_before_asking(known.count++, longest_pause).count();
  known.waiting = one.board->waiting().size();
}

void store_rounds::note_neighbour(const std::string& name) {
  for (const auto& one : of_.all())
    if (contains(one->board->waiting(), name)) tries_.erase(one->held->offer().transfer);
}

broadcast_table::entry store_rounds::release(const transfer_id& transfer) {
  for (const auto& one : of_.all()) {
    if (one->held->offer().transfer != transfer || !waits_in_store(*one)) continue;
    one->held_back = false;
    tries_.erase(transfer);
    return one;
  }
  return {};
}

std::vector<stored_transfer> store_rounds::rows() const {
  std::vector<stored_transfer> found;
  for (const auto& one : of_.all())
    if (waits_in_store(*one)) found.push_back(row_of(*one));
  return found;
}

// What was not reachable for one file may be for all.
void store_rounds::forget_if_somebody_is_back() {
  if (tries_.empty()) return; // nothing waits
  bool somebody = false;
  std::set<transfer_id> there;
  for (const auto& one : of_.idle()) {
    auto known = tries_.find(one->held->offer().transfer);
    somebody = somebody || (known != tries_.end() && one->board->waiting().size() < known->second.waiting);
  }
  for (const auto& one : of_.all()) there.insert(one->held->offer().transfer);
  std::erase_if(tries_, [&](const auto& each) { return somebody || !there.count(each.first); });
}

bool store_rounds::has_turn(const broadcast& one, std::int64_t now_ms) const {
  if (!waits_in_store(one)) return false;
  if (is_too_old(one, now_ms)) return true; // to be given up
  if (one.held_back) return false;
  auto waiting = one.board->waiting();
  return std::any_of(waiting.begin(), waiting.end(),
                     [&](const auto& name) { return of_.is_first_for(one, name); });
}

} // namespace hublink
