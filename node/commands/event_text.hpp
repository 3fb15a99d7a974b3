#pragma once
/// Events for people.
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

/// What happened, without time, node and transfer.
std::string event_text(const nlohmann::ordered_json& event);

} // namespace hublink
