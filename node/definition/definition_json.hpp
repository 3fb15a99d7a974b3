#pragma once
/// A node's definition as JSON: what `plan` shows is what a manager signs, a node stores and reads again.
/// Shape: docs/json.md, "plan".
#include "actors/definition/definition.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace hublink {

/// Without the names of network and node.
nlohmann::ordered_json json_of(const definition& self);

/// Fails with `bad_config`: where, and what is wrong there. Never throws.
outcome<definition> read_definition_json(std::string_view text, const std::string& network,
                                         const std::string& node);

} // namespace hublink
