#pragma once
/// At a server, while somebody follows: one session with each of its clients, asked again and again for its
/// events, which go into one ring. Nobody follows: no session, and nothing is asked.
#include "actors/node/node_interface.hpp"
#include "node/base/actor_slot.hpp"
#include "node/events/event_ring.hpp"

namespace hublink {

using client_events_actor = caf::typed_actor<
    // Somebody follows from now on: answers when each client has answered or can't be reached (after 5 s at
    // the latest) with what he begins with: an object with `next` (a position in the ring), `nodes`,
    // `missing`.
    caf::replies_to<watch_atom>::with<std::string>,
    // Somebody follows still.
    caf::reacts_to<note_atom>, caf::reacts_to<caf::tick_atom>, caf::reacts_to<command_reply>,
    // That client's pause is over.
    caf::reacts_to<resume_atom, std::string>>;

/// `into` outlives it.
client_events_actor spawn_client_events(caf::actor_system& system, live_definition self,
                                        supervisor_actor supervisor, event_ring& into);

/// What a node has for those who look on live; complete before the first command comes.
struct live_events {
  event_ring own;
  event_ring of_clients{};    ///< a server's, while they are followed
  actor_slot client_events{}; ///< a server's
  actor_slot trace_reader{};
};

} // namespace hublink
