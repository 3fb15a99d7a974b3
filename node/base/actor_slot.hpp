#pragma once
/// Where an actor is found that may be made anew while others look for it. Thread-safe.
#include <caf/all.hpp>

#include <mutex>

namespace hublink {

class actor_slot {
 public:
  void put(caf::weak_actor_ptr who) {
    std::lock_guard guard{lock_};
    who_ = std::move(who);
  }
  /// Null: there is none.
  caf::strong_actor_ptr lock() const {
    std::lock_guard guard{lock_};
    return who_.lock();
  }

 private:
  mutable std::mutex lock_;
  caf::weak_actor_ptr who_;
};

} // namespace hublink
