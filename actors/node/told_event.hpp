#pragma once
/// What is written down of an `open` that came.
#include "actors/ports/event_log.hpp"

#include <string>

namespace hublink {

/// `peer` told it.
event::told told_event(const open& request, const std::string& peer);

} // namespace hublink
