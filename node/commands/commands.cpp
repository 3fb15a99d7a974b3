#include "node/commands/commands.hpp"

#include <algorithm>

namespace hublink {

const command_row* find_command(std::string_view name) {
  auto found = std::ranges::find_if(commands, [&](const auto* row) { return row->name == name; });
  return found == commands.end() ? nullptr : *found;
}

std::string examples_text(const command_row& row) {
  std::string text;
  for (const auto& each : row.examples)
    text.append("  ").append(each.line).append("\n      ").append(each.says).append("\n");
  return text.empty() ? text : "Examples:\n" + text;
}

} // namespace hublink
