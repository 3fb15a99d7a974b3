#pragma once
/// Commands about definitions: `apply`, `define` (a manager's, to each node), `definition` (what a node has).
#include "node/requests/verbs.hpp"

#include <span>

namespace hublink {

std::span<const verb> definition_verbs();

/// The field `definition` of `status`.
nlohmann::ordered_json definition_status(const definition_services& definitions);
/// At a manager: which of these nodes' `status` have another version than the one that was applied last.
void note_drift(const definition_services& definitions, nlohmann::ordered_json& nodes);

} // namespace hublink
