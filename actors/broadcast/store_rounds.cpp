#include "actors/broadcast/store_rounds.hpp"
#include "actors/broadcast/store_rules.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

constexpr std::chrono::minutes longest_pause{2};

} // namespace

std::vector<broadcast_table::entry> store_rounds::due(std::int64_t steady_ms) {
  forget_if_somebody_is_back();
  std::vector<broadcast_table::entry> found;
  for (const auto& entry : of_.all()) {
    if (!has_turn(*entry, steady_ms)) continue;
    auto known = tries_.find(entry->key);
    if (known == tries_.end() || known->second.next_ms <= steady_ms) found.push_back(entry);
  }
  return found;
}

void store_rounds::note_asked(const broadcast& entry, std::int64_t steady_ms) {
  auto& known = tries_[entry.key];
  known.next_ms = steady_ms + pause_before_asking(known.count++, longest_pause).count();
  known.waiting = entry.board->waiting().size();
}

void store_rounds::note_neighbour(const std::string& name) {
  for (const auto& entry : of_.all())
    if (contains(entry->board->waiting(), name)) tries_.erase(entry->key);
}

std::vector<broadcast_table::entry> store_rounds::release(const transfer_id& transfer) {
  std::vector<broadcast_table::entry> released;
  for (const auto& entry : of_.all()) {
    if (entry->key.transfer != transfer || !waits_in_store(*entry)) continue;
    entry->held_back = false;
    tries_.erase(entry->key);
    released.push_back(entry);
  }
  return released;
}

std::vector<stored_transfer> store_rounds::rows() const {
  std::vector<stored_transfer> found;
  for (const auto& entry : of_.all())
    if (waits_in_store(*entry)) found.push_back(row_of(*entry));
  return found;
}

// What was not reachable for one file may be for all.
void store_rounds::forget_if_somebody_is_back() {
  if (tries_.empty()) return; // nothing waits
  bool somebody = false;
  std::set<transfer_key> there;
  for (const auto& entry : of_.idle()) {
    auto known = tries_.find(entry->key);
    somebody = somebody || (known != tries_.end() && entry->board->waiting().size() < known->second.waiting);
  }
  for (const auto& entry : of_.all()) there.insert(entry->key);
  std::erase_if(tries_, [&](const auto& each) { return somebody || !there.count(each.first); });
}

bool store_rounds::has_turn(const broadcast& entry, std::int64_t steady_ms) const {
  if (!waits_in_store(entry)) return false;
  if (is_too_old(entry, steady_ms)) return true; // to be given up
  if (entry.held_back) return false;
  auto waiting = entry.board->waiting();
  return std::any_of(waiting.begin(), waiting.end(),
                     [&](const auto& name) { return of_.is_first_for(entry, name); });
}

} // namespace hublink
