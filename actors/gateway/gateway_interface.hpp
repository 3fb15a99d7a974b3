#pragma once
/// What the actors of gateways may be asked.
#include "actors/base/atoms.hpp"
#include "actors/base/failures.hpp"
#include "actors/ports/gateway_plane.hpp"

#include <string>

namespace hublink {

/// The circuit of a gateway link that this node dials.
using gateway_circuit_actor = circuit_owner::extend<
    // Opens it to the gateway of that name, and hands it to the plane; fails with a `failure`.
    caf::replies_to<dial_atom, std::string>::with<circuit_id>>;

/// Decides when this node has a link to another gateway.
using gateway_actor = gateway_owner::extend<
    // Once: listens, and dials the gateways that are to be kept.
    caf::reacts_to<start_atom>,
    // The pause before the next dial of that peer is over.
    caf::reacts_to<resume_atom, std::string>,
    // There is another definition.
    caf::reacts_to<define_atom>, caf::replies_to<gateways_atom>::with<gateway_report>>;

} // namespace hublink
