#pragma once
/// An event as a line of JSON.
#include "actors/ports/event_log.hpp"

#include <chrono>
#include <string>

namespace hublink {

/// One event as a JSON object, without the line's end. Absent fields are left out; one destination is a
/// string, several a list.
std::string to_json_line(const std::string& node, std::chrono::system_clock::time_point when,
                         const transfer_id& transfer, const event::any& what);

} // namespace hublink
