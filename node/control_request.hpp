#pragma once
/// One command given to a running node: a JSON object in, JSON objects out; docs/json.md, "Control socket".
#include "actors/actors.hpp"

#include <functional>
#include <string>

namespace hublink {

struct control_services {
  supervisor_actor supervisor;
  definition_ptr self;
};

/// Gets one line of JSON, without its end. `last`: nothing follows. Thread-safe.
using control_reply = std::function<void(std::string line, bool last)>;

/// Does what the line `request` says and ends. End it earlier by an exit message; what it began in the node
/// goes on.
watcher_actor spawn_control_request(caf::actor_system& system, control_services services, std::string request,
                                    control_reply reply);

} // namespace hublink
