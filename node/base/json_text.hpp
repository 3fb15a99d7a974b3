#pragma once
/// JSON as text.
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

/// On one line. Bytes that are no UTF-8 (of file names) are replaced.
std::string to_line(const nlohmann::ordered_json& value);

} // namespace hublink
