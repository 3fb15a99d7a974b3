#pragma once
/// At a manager, by the sessions of each user who is in: brings its word on what is newest to all servers,
/// again and again, and what they lack of what was applied.
#include "node/control/control_services.hpp"

namespace hublink {

/// It works by itself.
using word_giver_actor = caf::typed_actor<caf::reacts_to<caf::tick_atom>>;

word_giver_actor spawn_word_giver(caf::actor_system& system, control_services services);

} // namespace hublink
