#pragma once
/// The definition that a node acts on now. A newer one may take its place at any time, in another thread: who
/// works with more than one field of it keeps it first, as `now()`.
#include "actors/definition/definition.hpp"

#include <memory>
#include <mutex>

namespace hublink {

/// Thread-safe; copies share what is in force.
class live_definition {
 public:
  live_definition(definition_ptr first = {}) : kept_(std::make_shared<shared>()) {
    kept_->current = std::move(first);
  }

  definition_ptr now() const {
    std::lock_guard guard{kept_->lock};
    return kept_->current;
  }
  /// One field; what it gives is there until the end of the expression.
  definition_ptr operator->() const { return now(); }
  void replace(definition_ptr next) {
    std::lock_guard guard{kept_->lock};
    kept_->current.swap(next);
  }

 private:
  struct shared {
    std::mutex lock;
    definition_ptr current;
  };
  std::shared_ptr<shared> kept_;
};

} // namespace hublink
