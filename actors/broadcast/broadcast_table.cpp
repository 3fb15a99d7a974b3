#include "actors/broadcast/broadcast_table.hpp"

#include <algorithm>
#include <utility>

namespace hublink {
namespace {

void take_terms(broadcast& into, const store_terms& store) {
  into.policy = store.policy;
  into.until_ms = store.until_ms;
  into.held_back = store.held_back;
  into.expired = store.expired;
}

} // namespace

struct broadcast_table::table {
  std::mutex lock;
  std::map<transfer_key, entry> by_key;
};

broadcast_table::broadcast_table() : table_(std::make_shared<table>()) {}

outcome<broadcast_table::entry> broadcast_table::enter(const transfer_offer& offer,
                                                       const std::vector<std::string>& names,
                                                       const store_terms& store, std::int64_t steady_ms,
                                                       caf::weak_actor_ptr owner,
                                                       caf::strong_actor_ptr& before) {
  std::lock_guard guard{table_->lock};
  const auto key = key_of(offer);
  auto known = table_->by_key.find(key);
  auto found = known == table_->by_key.end() ? nullptr : known->second;
  if (found) {
    const auto held = found->held->offer();
    if (offer.attempt < held.attempt || offer.generation < held.generation)
      return failure{errc::replayed, {}, "a later attempt of this transfer was here already"};
    before = found->owner.lock();
  }
  if (!found || found->names != names) {
    found = std::make_shared<broadcast>();
    found->key = key;
    found->held = std::make_shared<spool>();
    found->board = std::make_shared<receiver_board>(names);
    found->names = names;
    take_terms(*found, store);
    table_->by_key[key] = found;
  }
  found->owner = std::move(owner);
  found->used_ms = steady_ms;
  return found;
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
    auto theirs = other->held->offer();
    bool same = theirs.file == mine.file && theirs.sender == mine.sender;
    if (same && theirs.sequence < mine.sequence && !theirs.cancel) return false;
  }
  return true;
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
