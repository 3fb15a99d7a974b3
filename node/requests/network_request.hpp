#pragma once
/// Commands that other nodes execute: a manager's, over its sessions with the servers, and a server's, over
/// sessions that it opens with its clients.
#include "node/requests/local_request.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// Is that a command which this node passes on, or gathers the answers to?
bool is_network_request(const definition& self, const nlohmann::ordered_json& request);

control_actor spawn_network_request(caf::actor_system& system, control_services services,
                                    const nlohmann::ordered_json& request, control_reply reply);

} // namespace hublink
