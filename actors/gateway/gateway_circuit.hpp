#pragma once
/// The circuit under a gateway link: opened by the calling gateway, answered by the called one.
#include "actors/base/failures.hpp"
#include "actors/circuit/far_side.hpp"

namespace hublink {

/// Opens a circuit to the gateway `peer` when it is asked to begin. The answer is the circuit, on which the
/// plane then makes the link.
gateway_circuit_actor spawn_gateway_dialler(caf::actor_system& system, environment_ptr env,
                                            leg_services services);

/// The called end: lets the asker attach, and hands the circuit to the plane.
circuit_actor spawn_gateway_end(caf::actor_system& system, environment_ptr env);

} // namespace hublink
