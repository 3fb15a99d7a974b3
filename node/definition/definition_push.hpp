#pragma once
/// At a server: hands kept definitions on to its clients, over sessions that it opens for that. Who can't be
/// reached is tried again, later and later.
#include "actors/node/node_interface.hpp"
#include "node/definition/definition_keeper.hpp"
#include "node/trust/revocations.hpp"

namespace hublink {

using definition_push_actor = caf::typed_actor<
    // Hands that client its definition, or where none is kept the list of revoked certificates alone. Answers
    // when the client has it with the number of the list that it says to have then (0: it doesn't say), or
    // fails with why it has not.
    caf::replies_to<define_atom, std::string>::with<std::int64_t>,
    // Now: all that are behind.
    caf::reacts_to<define_atom>,
    // That client's link is up. Another incarnation may have lost its directory: it is handed its definition,
    // whatever was handed to an earlier one.
    caf::reacts_to<neighbour_atom, std::string, std::uint64_t>,
    // The pause before the next try is over.
    caf::reacts_to<resume_atom, std::string>, caf::reacts_to<command_reply>,
    // The time is over that the client had for that visit.
    caf::reacts_to<caf::tick_atom, std::string, std::uint64_t>>;

/// Begins with all that may be behind with their definitions. The newest list of revoked certificates and the
/// newest word of a manager go with each. `keeper`, `lists` and `known` outlive it.
definition_push_actor spawn_definition_push(caf::actor_system& system, live_definition self,
                                            supervisor_actor supervisor, definition_keeper& keeper,
                                            const revocations& lists, const known_newest& known);

} // namespace hublink
