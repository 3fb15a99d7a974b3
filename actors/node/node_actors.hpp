#pragma once
/// All long-lived actors of a node, made in the order of who needs whom.
#include "actors/node/node_interface.hpp"
#include "actors/ports/environment.hpp"

namespace hublink {

struct node_actors {
  supervisor_actor supervisor;
  node_services services;
};

/// Begins to serve at once: the plane listens when the publications left by a crash are finished. Makes what
/// the actors share in `env`. To end all, `journal` included: `stop_atom` to the supervisor.
node_actors spawn_node(caf::actor_system& system, const environment_ptr& env, journal_actor journal);

} // namespace hublink
