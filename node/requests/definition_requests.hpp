#pragma once
/// The commands `define` (a manager's, to each node) and `definition` (what a node has).
#include "node/requests/local_request.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

bool is_definition_verb(std::string_view verb);

control_actor spawn_definition_request(caf::actor_system& system, control_services services,
                                       const nlohmann::ordered_json& request, control_reply reply);

/// The field `definition` of `status`.
nlohmann::ordered_json definition_status(const definition_services& definitions);
/// At a manager: which of these nodes' `status` have another version than the one that was applied last.
void note_drift(const definition_services& definitions, nlohmann::ordered_json& nodes);

} // namespace hublink
