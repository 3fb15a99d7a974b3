#pragma once
/// JSON as text.
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

/// On one line, in which nothing acts on who reads it (`shown_json`). Bytes that are no UTF-8 (of file names)
/// are replaced.
std::string to_line(const nlohmann::ordered_json& value);

} // namespace hublink
