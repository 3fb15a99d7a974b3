#pragma once
/// JSON shapes of `hublink gateways` and `hublink streams`; docs/reference/json.md.
#include "actors/ports/gateway_plane.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// Without the streams.
nlohmann::ordered_json gateways_json(const gateway_report& report);
/// Those that are open, or those that have ended, newest first.
nlohmann::ordered_json streams_json(const gateway_report& report, bool closed);

} // namespace hublink
