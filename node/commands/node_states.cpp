#include "node/commands/node_states.hpp"
#include "node/base/printing.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

void print_node_states(const nlohmann::ordered_json& rows) {
  for (const auto& row : rows) {
    auto list = field_number(row, "list");
    print(std::cout, "{:<20} {:<8} {}\n", field_text(row, "node"), field_text(row, "state"),
          list ? "list " + std::to_string(*list) : field_text(row, "reason"));
  }
}

} // namespace hublink
