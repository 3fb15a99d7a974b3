#pragma once
/// What is under way in this node, and whether it takes anything new: a node that is drained finishes what it
/// has begun. Thread-safe.
#include "protocol/base/errors.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace hublink {

class current_work {
 public:
  /// Something is under way for as long as somebody holds it.
  using piece = std::shared_ptr<const void>;

  /// The one question to ask before anything new: null, the node is drained.
  piece begin() {
    std::lock_guard guard{state_->lock};
    return state_->drained ? nullptr : take();
  }
  /// The same for somebody who is told why not: `busy`.
  outcome<piece> begin(const std::string& node) {
    auto begun = begin();
    if (!begun) return refusal(node);
    return begun;
  }
  /// Belongs to what has begun, so nothing keeps it out.
  piece go_on() {
    std::lock_guard guard{state_->lock};
    return take();
  }

  /// For good: a node that was drained ends. `idle` is called whenever nothing is under way from then on, on
  /// any thread: what goes on may take another piece.
  void drain(std::function<void()> idle) {
    {
      std::lock_guard guard{state_->lock};
      state_->drained = true;
      state_->idle = idle;
      if (state_->pieces > 0) return;
    }
    idle();
  }
  /// For who shows it; who begins something asks `begin`.
  bool is_drained() const {
    std::lock_guard guard{state_->lock};
    return state_->drained;
  }
  std::size_t pieces() const {
    std::lock_guard guard{state_->lock};
    return state_->pieces;
  }

  /// What is said to who comes with something new.
  static failure refusal(const std::string& node) {
    return {errc::busy, node, node + " is being drained: it takes nothing new before its next start"};
  }

 private:
  struct state {
    std::mutex lock;
    std::size_t pieces = 0;
    bool drained = false;
    std::function<void()> idle;
  };

  piece take() {
    ++state_->pieces;
    return {state_.get(), [of = state_](const void*) { give_back(*of); }};
  }
  static void give_back(state& of) {
    std::function<void()> idle;
    {
      std::lock_guard guard{of.lock};
      if (--of.pieces > 0 || !of.drained) return;
      idle = of.idle;
    }
    idle();
  }

  std::shared_ptr<state> state_ = std::make_shared<state>();
};

} // namespace hublink
