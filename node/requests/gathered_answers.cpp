#include "node/requests/gathered_answers.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

using json = nlohmann::ordered_json;

std::vector<json> gathered_answers::rows(const char* list) const {
  std::vector<json> all;
  for (const auto& answer : answers)
    for (const auto& row : answer.value(list, json::array())) all.push_back(row);
  return all;
}

} // namespace hublink
