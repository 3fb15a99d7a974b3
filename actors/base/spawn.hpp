#pragma once
/// Actors are classes: `State` is made by CAF, `State::start(...)` gives its behaviour.
#include <caf/all.hpp>

#include <utility>

namespace hublink {

/// The handle of a new actor. `State::actor_type` is its interface; `start` gets `args`.
template <class State, class... Args>
typename State::actor_type spawn(caf::actor_system& system, Args... args) {
  using pointer = typename State::actor_type::template stateful_pointer<State>;
  auto behavior = [](pointer self, Args... given) { return self->state.start(std::move(given)...); };
  return system.spawn(behavior, std::move(args)...);
}

} // namespace hublink
