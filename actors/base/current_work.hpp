#pragma once
/// What is under way in this node, and whether it takes anything new: a node that is drained finishes what it
/// has begun. Thread-safe.
#include "protocol/base/errors.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace hublink {

class current_work {
 public:
  /// Something is under way for as long as somebody holds it.
  using piece = std::shared_ptr<const void>;

  /// Null while the node is drained.
  piece begin() { return drained_ ? nullptr : go_on(); }
  /// Belongs to what has begun, so nothing keeps it out.
  piece go_on() {
    ++*pieces_;
    return {pieces_.get(), [pieces = pieces_](const void*) { --*pieces; }};
  }

  /// For good: a node that was drained ends.
  void drain() { drained_ = true; }
  bool is_drained() const { return drained_; }
  std::size_t pieces() const { return *pieces_; }

  /// What is said to who comes with something new.
  static failure refusal(const std::string& node) {
    return {errc::busy, node, node + " is being drained: it takes nothing new before its next start"};
  }

 private:
  std::shared_ptr<std::atomic<std::size_t>> pieces_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<bool> drained_ = false;
};

} // namespace hublink
