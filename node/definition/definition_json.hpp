#pragma once
/// A node's definition as JSON: what `plan` shows is what a manager signs, a node stores and reads again.
/// Shape: docs/reference/json.md, "plan".
#include "actors/definition/definition.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// Without the names of network and node.
nlohmann::ordered_json json_of(const definition& self);

} // namespace hublink
