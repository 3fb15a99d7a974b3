#pragma once
/// An actor that is there for as long as the node: if it falls, another one takes its place.
#include "actors/base/spawn.hpp"
#include "node/base/actor_slot.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace hublink {

namespace keeping {

constexpr std::chrono::seconds pause_after_fall{1}; ///< or one that falls at its start would take a processor

/// Holds the actor, and ends with it.
template <class Kept>
class guard_state {
 public:
  using actor_type = caf::actor;
  static inline const char* name = "guard";

  explicit guard_state(caf::stateful_actor<guard_state>* self) : self_(self) {}
  ~guard_state() {
    if (kept_) caf::anon_send_exit(*kept_, caf::exit_reason::user_shutdown);
  }

  caf::behavior start(std::function<Kept()> make, actor_slot* slot) {
    make_ = std::move(make);
    slot_ = slot;
    self_->set_down_handler([this](caf::down_msg&) {
      kept_.reset();
      self_->delayed_send(self_, pause_after_fall, caf::tick_atom_v);
    });
    put_in_place();
    return {[this](caf::tick_atom) { put_in_place(); }};
  }

 private:
  void put_in_place() {
    kept_ = make_();
    self_->monitor(*kept_);
    slot_->put(caf::actor_cast<caf::weak_actor_ptr>(*kept_));
  }

  caf::stateful_actor<guard_state>* self_;
  std::function<Kept()> make_;
  actor_slot* slot_ = nullptr;
  std::optional<Kept> kept_;
};

} // namespace keeping

/// Ends with the node, and before its actor system.
template <class Kept>
class kept_actor {
 public:
  /// `slot`, which outlives it, has the one that is there. No `make`: this node has none.
  kept_actor(caf::actor_system& system, std::function<Kept()> make, actor_slot& slot) {
    if (!make) return;
    auto behavior = [](caf::stateful_actor<keeping::guard_state<Kept>>* self, std::function<Kept()> make,
                       actor_slot* slot) { return self->state.start(std::move(make), slot); };
    guard_ = system.spawn(behavior, std::move(make), &slot);
  }
  ~kept_actor() { end()(); }
  kept_actor(const kept_actor&) = delete;

  /// Ends it for good; for who may outlive this object.
  std::function<void()> end() const {
    return [guard = guard_] {
      if (guard) caf::anon_send_exit(guard, caf::exit_reason::user_shutdown);
    };
  }

 private:
  caf::actor guard_;
};

} // namespace hublink
