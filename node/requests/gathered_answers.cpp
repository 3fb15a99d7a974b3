#include "node/requests/gathered_answers.hpp"

#include "node/control/request_json.hpp"

namespace hublink {

using json = nlohmann::ordered_json;

std::vector<json> gathered_answers::rows(const char* list) const {
  std::vector<json> all;
  for (const auto& answer : answers)
    for (const auto& row : field_list(answer, list)) all.push_back(row);
  return all;
}

} // namespace hublink
