#pragma once
/// Names of an answer, as one column of a listing shows them.
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hublink {

/// The texts of a list with commas between them; `nothing` for a list that has none.
std::string with_commas(const nlohmann::ordered_json& names, const char* nothing = "");

} // namespace hublink
