#pragma once
/// Who this node is now. A newer certificate with a key of its own may take the place of the one before at
/// any time, in another thread: who signs and shows the certificate that belongs to it keeps one first, as
/// `now()`.
#include "protocol/trust/credentials.hpp"

#include <mutex>

namespace hublink {

/// Thread-safe; copies share who it is.
class live_identity {
 public:
  live_identity(std::shared_ptr<const identity> first = {}) : kept_(std::make_shared<shared>()) {
    kept_->current = std::move(first);
  }

  std::shared_ptr<const identity> now() const {
    std::lock_guard guard{kept_->lock};
    return kept_->current;
  }
  /// What it gives is there until the end of the expression.
  std::shared_ptr<const identity> operator->() const { return now(); }
  void replace(std::shared_ptr<const identity> next) {
    std::lock_guard guard{kept_->lock};
    kept_->current.swap(next);
  }

 private:
  struct shared {
    std::mutex lock;
    std::shared_ptr<const identity> current;
  };
  std::shared_ptr<shared> kept_;
};

} // namespace hublink
