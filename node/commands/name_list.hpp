#pragma once
/// Names of an answer, as columns of a listing show them.
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>

namespace hublink {

/// The texts of a list with commas between them; `nothing` for a list that has none.
std::string with_commas(const nlohmann::ordered_json& names, const char* nothing = "");

/// Writes the column of a row's `node`; nothing where no row has one: all are of the node that was asked.
std::function<std::string(const std::string& name)> node_column(const nlohmann::ordered_json& rows);

} // namespace hublink
