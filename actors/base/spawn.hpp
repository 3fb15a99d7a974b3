#pragma once
/// Actors are classes: `State` is made by CAF, `State::start(...)` gives its behaviour.
#include "actors/base/fallen_actors.hpp"

#include <caf/all.hpp>

#include <utility>

namespace hublink {

/// If a handler of that actor throws, it ends, and that is noted.
template <class Pointer>
void note_if_it_falls(Pointer self) {
  self->set_exception_handler([self](std::exception_ptr& thrown) -> caf::error {
    fallen_actors::of_process().note(self->name(), thrown);
    return caf::exit_reason::unhandled_exception;
  });
}

/// The handle of a new actor. `State::actor_type` is its interface; `start` gets `args`.
template <class State, class... Args>
typename State::actor_type spawn(caf::actor_system& system, Args... args) {
  using pointer = typename State::actor_type::template stateful_pointer<State>;
  auto behavior = [](pointer self, Args... given) {
    note_if_it_falls(self);
    return self->state.start(std::move(given)...);
  };
  return system.spawn(behavior, std::move(args)...);
}

} // namespace hublink
