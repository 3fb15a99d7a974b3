#pragma once
/// At a manager that holds the CA and has invited somebody: asks the servers, by the sessions of who is in,
/// for nodes that want to become part of the network, and signs for those who prove a code.
#include "node/control/control_services.hpp"

namespace hublink {

/// It works by itself.
using signer_actor = caf::typed_actor<caf::reacts_to<caf::tick_atom>, caf::reacts_to<command_reply>>;

signer_actor spawn_signer(caf::actor_system& system, control_services services);

} // namespace hublink
