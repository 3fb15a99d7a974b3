#pragma once
/// The `open`s that are active in this node, so that a second one with the same key is known as a routing
/// loop. Thread-safe.
#include "protocol/link/link_message.hpp"

#include <memory>
#include <mutex>
#include <set>

namespace hublink {

class active_opens {
 public:
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

 private:
  struct table {
    std::mutex lock;
    std::set<open_key> keys;
  };
  std::shared_ptr<table> table_ = std::make_shared<table>();
};

} // namespace hublink
