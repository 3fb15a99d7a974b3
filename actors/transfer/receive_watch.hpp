#pragma once
/// Who wants to hear of the transfers that this node receives. Thread-safe.
#include "actors/transfer/transfer_record.hpp"

#include <caf/all.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace hublink {

class receive_watch {
 public:
  /// Gets a `transfer_record` for each change, until it is removed.
  void add(const transfer_key& transfer, caf::weak_actor_ptr watcher) {
    std::lock_guard guard{table_->lock};
    auto& all = table_->watchers[transfer];
    all.push_back(std::move(watcher));
  }
  void remove(const transfer_key& transfer, const caf::weak_actor_ptr& watcher) {
    std::lock_guard guard{table_->lock};
    auto found = table_->watchers.find(transfer);
    if (found == table_->watchers.end()) return;
    std::erase(found->second, watcher);
    if (found->second.empty()) table_->watchers.erase(found);
  }
  void tell(const transfer_record& record) const {
    std::lock_guard guard{table_->lock};
    auto found = table_->watchers.find(key_of(record));
    if (found == table_->watchers.end()) return;
    for (const auto& weak : found->second)
      if (auto watcher = weak.lock()) caf::anon_send(caf::actor_cast<caf::actor>(watcher), record);
  }

 private:
  struct table {
    std::mutex lock;
    std::map<transfer_key, std::vector<caf::weak_actor_ptr>> watchers;
  };
  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace hublink
