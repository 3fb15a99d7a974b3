#pragma once
/// The project's documents, for tests that hold them against what the program does.

#include "support/catch.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace hublink {

inline std::vector<std::string> lines_of_document(const std::string& name) {
  std::ifstream file{std::string{HUBLINK_SOURCE_DIR "/"} + name};
  INFO(name);
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The first table behind that heading: its rows' cells, without the head.
inline std::vector<std::vector<std::string>> table_of_document(const std::string& name,
                                                               const std::string& heading) {
  std::vector<std::vector<std::string>> rows;
  bool behind = false, in_table = false;
  for (const auto& line : lines_of_document(name)) {
    if (!behind) {
      behind = line == heading;
      continue;
    }
    if (in_table && !line.starts_with("|")) break;
    in_table = line.starts_with("|");
    if (!in_table) continue;
    auto& cells = rows.emplace_back();
    std::istringstream row{line.substr(1)};
    for (std::string cell; std::getline(row, cell, '|');) {
      auto first = cell.find_first_not_of(' ');
      cells.push_back(
          first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
    }
  }
  REQUIRE(rows.size() > 2);
  rows.erase(rows.begin(), rows.begin() + 2); // the head and its line
  return rows;
}

} // namespace hublink
