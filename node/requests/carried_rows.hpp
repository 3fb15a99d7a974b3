#pragma once
/// Rows of a listing that one node gives to another: no more than fit into an answer.
#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>

namespace hublink {

/// Bytes of rows: those that ask wait for all of it.
inline constexpr std::size_t longest_listing = 5 << 19; // of 3 MiB of a session's line

/// The row of `missing` that says so of that node.
nlohmann::ordered_json too_long_at(const std::string& node);

/// Leaves out what is too much at the end of that list, and says that it is missing.
void cut_rows(nlohmann::ordered_json& answer, const char* list, const std::string& node);

} // namespace hublink
