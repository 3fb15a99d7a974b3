#pragma once
/// Gets this node its next certificate while the one that it has still counts: with a key that is made here,
/// from the manager that has the CA, by way of the home server. docs/internals/trust.md, "Renewal"
#include "actors/ports/event_log.hpp"
#include "node/control/control_services.hpp"
#include "node/plane/io_plane.hpp"
#include "node/process/own_identity.hpp"
#include "node/trust/own_certificate.hpp"

namespace hublink {

struct renewal_parts {
  own_identity& self;
  own_certificate& certificate; ///< hears how it stands
  io_plane& plane;
  event_log& events;
  definition_ptr here; ///< where this start of the node dials from
};

/// It works by itself, and for who asks.
own_renewal_actor spawn_own_renewal(caf::actor_system& system, const renewal_parts& parts,
                                    control_services services);

} // namespace hublink
