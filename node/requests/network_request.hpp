#pragma once
/// Commands that other nodes execute: a manager's, over its sessions with the servers, and a server's, over
/// sessions that it opens with its clients.
#include "node/requests/verbs.hpp"

namespace hublink {

/// Is that a command which this node passes on, or gathers the answers to?
bool is_network_request(const definition& self, const verb& what, const nlohmann::ordered_json& request);

control_actor spawn_network_request(caf::actor_system& system, const verb& what, request_call call);

} // namespace hublink
