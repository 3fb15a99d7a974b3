#include "node/requests/carried_rows.hpp"

#include "node/base/json_text.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

json too_long_at(const std::string& node) {
  return {{"node", node},
          {"reason", "it has more than fits into an answer; ask for less, with --limit or --since"}};
}

void cut_rows(json& answer, const char* list, const std::string& node) {
  auto& rows = answer[list];
  std::size_t size = 0, fitting = 0;
  for (const auto& row : rows) {
    size += to_line(row).size();
    if (size > longest_listing) break;
    ++fitting;
  }
  if (fitting == rows.size()) return;
  rows.erase(rows.begin() + std::ptrdiff_t(fitting), rows.end());
  answer["missing"].push_back(too_long_at(node));
  answer["exit"] = 6;
}

} // namespace hublink
