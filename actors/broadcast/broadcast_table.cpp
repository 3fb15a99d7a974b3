#include "actors/broadcast/broadcast_table.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace hublink {
namespace {

void take_terms(broadcast& into, const store_terms& store) {
  into.policy = store.policy;
  into.until_ms = store.until_ms;
  into.held_back = store.held_back;
  into.expired = store.expired;
}

std::size_t count_of(const std::vector<std::string>& names, const std::set<std::string>& wanted) {
  return std::size_t(
      std::count_if(names.begin(), names.end(), [&](const auto& name) { return wanted.count(name); }));
}

} // namespace

struct broadcast_table::table {
  std::mutex lock;
  std::map<transfer_key, entry> by_key;

  /// All that is held of a transfer, by their parts; `key`: without one.
  std::vector<entry> parts_of(const transfer_key& key) const {
    std::vector<entry> found;
    for (auto at = by_key.lower_bound(key); at != by_key.end(); ++at) {
      auto without_part = at->first;
      without_part.part = 0;
      if (without_part != key) break;
      found.push_back(at->second);
    }
    return found;
  }
};

broadcast_table::broadcast_table() : table_(std::make_shared<table>()) {}

outcome<broadcast_table::entered> broadcast_table::enter(const transfer_offer& offer,
                                                         const std::vector<std::string>& names,
                                                         const store_terms& store, std::int64_t steady_ms,
                                                         caf::weak_actor_ptr owner) {
  std::lock_guard guard{table_->lock};
  const auto known = table_->parts_of(key_of(offer));
  auto is_later = [&](const entry& each) {
    const auto held = each->held->offer();
    return offer.attempt < held.attempt || offer.generation < held.generation;
  };
  if (std::any_of(known.begin(), known.end(), is_later))
    return failure{errc::replayed, {}, "a later attempt of this transfer was here already"};
  const std::set<std::string> wanted{names.begin(), names.end()};
  auto key = key_of(offer);
  for (const auto& each : known)
    if (each->key.part == key.part) ++key.part;
  entered result;
  auto& found = result.found;
  for (const auto& each : known) {
    const auto same = count_of(each->names, wanted);
    if (same == 0) continue;
    if (auto alive = each->owner.lock()) result.before.push_back(std::move(alive));
    if (same == wanted.size() && same == each->names.size())
      found = each;
    else
      result.replaced.push_back(each->key);
  }
  if (!found) {
    found = std::make_shared<broadcast>();
    found->key = key;
    found->held = std::make_shared<spool>();
    found->board = std::make_shared<receiver_board>(names);
    found->names = names;
    take_terms(*found, store);
    table_->by_key[key] = found;
    for (const auto& each : known)
      for (const auto& name : each->board->doubted()) found->board->doubt(name);
  }
  found->owner = std::move(owner);
  found->used_ms = steady_ms;
  return result;
}

outcome<> broadcast_table::restore(spool_record kept) {
  auto made = std::make_shared<broadcast>();
  made->key = kept.key;
  made->held = std::make_shared<spool>();
  made->board = std::make_shared<receiver_board>(kept.names);
  made->names = std::move(kept.names);
  made->used_ms = kept.used_ms;
  take_terms(*made, kept.store);
  made->saved_part = kept.held.parts.empty() ? nullptr : kept.held.parts.back();
  if (auto read = made->held->restore(std::move(kept.held), kept.request.file.value_or("")); !read)
    return read;
  for (auto& result : kept.results) made->board->say(std::move(result));
  if (made->held->held().complete) // and may have been sent, then
    for (const auto& name : made->board->unsettled()) made->board->doubt(name);
  made->saved_head = true;
  made->saved_terms = kept.store;
  made->saved_results = made->board->size();
  made->request = std::move(kept.request);
  std::lock_guard guard{table_->lock};
  table_->by_key[made->key] = made;
  return {};
}

broadcast_table::entry broadcast_table::adopt(const transfer_key& transfer, caf::weak_actor_ptr owner) {
  std::lock_guard guard{table_->lock};
  auto found = table_->by_key.find(transfer);
  if (found == table_->by_key.end() || found->second->owner.lock()) return {};
  found->second->owner = std::move(owner);
  return found->second;
}

void broadcast_table::leave(broadcast& owned, const caf::weak_actor_ptr& owner) {
  std::lock_guard guard{table_->lock};
  if (owned.owner == owner) owned.owner = {};
}

void broadcast_table::touch(const transfer_key& transfer, std::int64_t steady_ms) {
  std::lock_guard guard{table_->lock};
  if (auto found = table_->by_key.find(transfer); found != table_->by_key.end())
    found->second->used_ms = steady_ms;
}

void broadcast_table::forget(const transfer_key& transfer) {
  std::lock_guard guard{table_->lock};
  table_->by_key.erase(transfer);
}

bool broadcast_table::is_first_for(const broadcast& candidate, const std::string& receiver) const {
  auto mine = candidate.held->offer();
  for (const auto& other : all()) {
    if (other->held == candidate.held || other->held_back || !other->board->is_open(receiver)) continue;
    // What its sender did not bring to its end, and does not bring now, may never come.
    if (!other->held->held().complete && !owner_of(*other)) continue;
    auto theirs = other->held->offer();
    bool same = theirs.file == mine.file && theirs.sender == mine.sender;
    if (same && theirs.sequence < mine.sequence && !theirs.cancel) return false;
  }
  return true;
}

bool broadcast_table::has_later_attempt(const broadcast& than) const {
  std::lock_guard guard{table_->lock};
  auto key = than.key;
  key.part = 0;
  const auto known = table_->parts_of(key);
  const auto attempt = than.held->offer().attempt;
  return std::any_of(known.begin(), known.end(),
                     [&](const auto& each) { return each->held->offer().attempt > attempt; });
}

std::vector<broadcast_table::entry> broadcast_table::all() const {
  std::lock_guard guard{table_->lock};
  std::vector<entry> all;
  for (const auto& [transfer, each] : table_->by_key) all.push_back(each);
  return all;
}

caf::strong_actor_ptr broadcast_table::owner_of(const broadcast& owned) const {
  std::lock_guard guard{table_->lock};
  return owned.owner.lock();
}

std::vector<broadcast_table::entry> broadcast_table::idle() const {
  std::lock_guard guard{table_->lock};
  std::vector<entry> all;
  for (const auto& [transfer, each] : table_->by_key)
    if (!each->owner.lock()) all.push_back(each);
  return all;
}

spool_change unsaved_state(broadcast& of, std::int64_t steady_ms) {
  store_terms terms{of.policy, of.until_ms, of.held_back, of.expired};
  spool_change change;
  change.now.key = of.key;
  change.now.held = of.held->durable();
  change.now.used_ms = steady_ms;
  change.whole = !std::exchange(of.saved_head, true) || !(terms == of.saved_terms);
  if (change.whole) {
    change.now.request = of.request;
    change.now.names = of.names;
    change.now.store = of.saved_terms = terms;
  }
  auto& parts = change.now.held.parts;
  if (auto last = std::find(parts.begin(), parts.end(), of.saved_part); last != parts.end())
    parts.erase(parts.begin(), last + 1);
  if (!parts.empty()) {
    change.drops_parts_from = parts.front()->first;
    of.saved_part = parts.back();
  }
  return change;
}

} // namespace hublink
