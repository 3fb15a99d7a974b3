#include "node/commands/load.hpp"

#include "node/topology_check.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace hublink {

outcome<std::string> read_topology_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  // A directory opens, but does not read.
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
    return {errc::bad_config, path + ": can't be read: " + std::strerror(errno)};
  return text;
}

outcome<topology> load_topology(const std::string& path) {
  auto text = read_topology_file(path);
  if (!text) {
    std::cerr << to_string(text.error()) << "\n";
    return text.error();
  }
  auto checked = parse_and_check(*text);
  for (const auto& each : checked.problems) std::cerr << to_string(each) << "\n";
  if (checked.problems.empty()) return std::move(checked.value);
  return {errc::bad_config, path + ": " + count_of(checked.problems)};
}

} // namespace hublink
