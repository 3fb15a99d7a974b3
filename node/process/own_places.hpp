#pragma once
/// Where a node listens on its machine.
#include "actors/definition/definition.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

/// As its definition says; where that has a name alone, at the name's addresses. `bad_config` with the name
/// and the resolver.
outcome<endpoints> places_to_listen(const definition& self);

} // namespace hublink
