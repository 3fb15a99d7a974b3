#include "node/commands/name_list.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace hublink {

std::string with_commas(const nlohmann::ordered_json& names, const char* nothing) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + text_of(name);
  return text.empty() ? nothing : text;
}

std::function<std::string(const std::string& name)> node_column(const nlohmann::ordered_json& rows) {
  const bool is_there = std::ranges::any_of(rows, [](const auto& row) { return row.contains("node"); });
  return [is_there](const std::string& name) { return is_there ? fmt::format("{:<12} ", name) : ""; };
}

} // namespace hublink
