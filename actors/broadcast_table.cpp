#include "actors/broadcast_table.hpp"
#include "protocol/branch_board.hpp"
#include "protocol/spool.hpp"

namespace hublink {

struct broadcast_table::table {
  std::mutex lock;
  std::map<transfer_id, std::shared_ptr<broadcast>> by_transfer;
};

broadcast_table::broadcast_table() : table_(std::make_shared<table>()) {}

std::shared_ptr<broadcast> broadcast_table::enter(const transfer_id& transfer,
                                                  const std::vector<std::string>& names, std::int64_t now_ms,
                                                  caf::weak_actor_ptr owner, caf::strong_actor_ptr& before) {
  std::lock_guard guard{table_->lock};
  auto& found = table_->by_transfer[transfer];
  if (found) before = found->owner.lock();
  if (!found || found->names != names) {
    found = std::make_shared<broadcast>();
    found->held = std::make_shared<spool>();
    found->board = std::make_shared<branch_board>(names);
    found->names = names;
  }
  found->owner = std::move(owner);
  found->used_ms = now_ms;
  return found;
}

void broadcast_table::touch(const transfer_id& transfer, std::int64_t now_ms) {
  std::lock_guard guard{table_->lock};
  auto found = table_->by_transfer.find(transfer);
  if (found != table_->by_transfer.end()) found->second->used_ms = now_ms;
}

void broadcast_table::forget(const transfer_id& transfer) {
  std::lock_guard guard{table_->lock};
  table_->by_transfer.erase(transfer);
}

std::vector<transfer_id> broadcast_table::take_older(std::int64_t than_ms) {
  std::lock_guard guard{table_->lock};
  std::vector<transfer_id> old;
  std::erase_if(table_->by_transfer, [&](const auto& each) {
    bool over = each.second->used_ms < than_ms && !each.second->owner.lock();
    if (over) old.push_back(each.first);
    return over;
  });
  return old;
}

} // namespace hublink
