#pragma once
/// Looking on live. `events` (also over sessions) reads this node's ring from a position on, and may wait for
/// something to come; nothing is kept for who asks. `feed` (at the control socket) asks that again and again,
/// here and, at a manager, at every server with a session, no faster than its reader reads.
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> event_verbs();

/// Answers once with `events`, `next` (the position to go on from) and `missed`.
control_actor spawn_event_poll(caf::actor_system& system, request_call call);

/// Lines with `nodes` (once, the first one) or `events`, until the reader goes away, a session is lost, or,
/// without `follow`, all that was kept is out.
control_actor spawn_event_feed(caf::actor_system& system, request_call call);

} // namespace hublink
