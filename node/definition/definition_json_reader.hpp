#pragma once
/// A node's definition from its JSON, as `json_of` wrote it.
#include "actors/definition/definition.hpp"
#include "protocol/base/errors.hpp"

#include <string_view>

namespace hublink {

/// Fails with `bad_config`: where, and what is wrong there. Never throws.
outcome<definition> read_definition_json(std::string_view text, const std::string& network,
                                         const std::string& node);

} // namespace hublink
