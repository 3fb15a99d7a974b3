#include "node/commands/load_topology.hpp"
#include "node/base/printing.hpp"

#include "node/base/small_file.hpp"
#include "node/topology/topology_check.hpp"

#include <iostream>

namespace hublink {

outcome<std::string> read_topology_file(const std::string& path) {
  auto text = read_small_file(path, longest_topology);
  if (!text) return {errc::bad_config, text.error().text};
  return text;
}

outcome<topology> load_topology(const std::string& path) {
  auto text = read_topology_file(path);
  if (!text) {
    print(std::cerr, "{}\n", to_string(text.error()));
    return text.error();
  }
  auto checked = parse_and_check(*text);
  for (const auto& each : checked.problems) print(std::cerr, "{}\n", to_string(each));
  if (checked.problems.empty()) return std::move(checked.value);
  return {errc::bad_config, path + ": " + count_of(checked.problems)};
}

} // namespace hublink
