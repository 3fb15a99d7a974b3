#pragma once
/// Reading a command's line of JSON. Included by sources only.
#include <nlohmann/json.hpp>

#include <string>

namespace hublink {

/// The field's text; empty if it is absent or no text.
inline std::string field_text(const nlohmann::ordered_json& request, const char* key) {
  auto found = request.find(key);
  return found != request.end() && found->is_string() ? found->get<std::string>() : "";
}

} // namespace hublink
