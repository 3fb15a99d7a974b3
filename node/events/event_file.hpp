#pragma once
/// The event trace as JSON lines in `DIR/events.jsonl`.
#include "actors/ports/event_log.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

namespace hublink {

class event_ring;

/// One event as a JSON object, without the line's end. Absent fields are left out; one destination is a
/// string, several a list.
std::string to_json_line(const std::string& node, std::chrono::system_clock::time_point when,
                         const transfer_id& transfer, const event::any& what);

/// Appends whole lines, each in one write. A line that could not be written is counted and reported in the
/// log once. `live` gets them too, in the same order; it may be null.
outcome<std::unique_ptr<event_log>>
open_event_file(const std::filesystem::path& file, std::string node,
                std::function<std::chrono::system_clock::time_point()> wall_clock,
                event_ring* live = nullptr);

} // namespace hublink
