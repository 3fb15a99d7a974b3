#include "node/commands/name_list.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

std::string with_commas(const nlohmann::ordered_json& names, const char* nothing) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + text_of(name);
  return text.empty() ? nothing : text;
}

} // namespace hublink
