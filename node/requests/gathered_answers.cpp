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

json gathered_answers::rows_by_node(const char* list) const {
  auto all = json::array();
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (const auto& row : field_list(answers[i], list)) {
      json named{{"node", from[i]}};
      named.update(row);
      named["node"] = from[i]; // whatever it says
      all.push_back(std::move(named));
    }
  return all;
}

} // namespace hublink
