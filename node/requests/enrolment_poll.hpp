#pragma once
/// `enrolments` at a server: a manager waits for nodes that want to become part of the network.
#include "node/control/control_services.hpp"

namespace hublink {

struct request_call;

control_actor spawn_enrolment_poll(caf::actor_system& system, request_call call);

} // namespace hublink
