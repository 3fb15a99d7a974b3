#include "node/commands/commands.hpp"
#include "node/requests/verbs.hpp"

#include "documents.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

using namespace hublink;

namespace {

std::vector<std::string> documents() {
  std::vector<std::string> names{"README.md"};
  std::filesystem::path root{HUBLINK_SOURCE_DIR};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md")
      names.push_back(std::filesystem::relative(entry.path(), root).string());
  return names;
}

/// Names of the protocol's, that begin with `hublink` as well.
const std::set<std::string> hash_labels{"file",    "key",     "envelope", "invitation",
                                        "signing", "renewal", "shown"};

/// What stands behind `hublink` in code, spans and blocks: `hublink cancel | retry ID` has two.
std::set<std::string> commands_in(const std::string& document) {
  static const std::regex in_span{"`hublink ([a-z][a-z-]*( \\| [a-z][a-z-]*)*)"},
      in_block{"^hublink ([a-z][a-z-]*( \\| [a-z][a-z-]*)*)"};
  std::set<std::string> found;
  bool block = false;
  for (const auto& line : lines_of_document(document)) {
    if (line.starts_with("```")) block = !block;
    const auto& pattern = block ? in_block : in_span;
    for (std::sregex_iterator it{line.begin(), line.end(), pattern}, end; it != end; ++it) {
      std::istringstream names{(*it)[1].str()};
      for (std::string name; names >> name;)
        if (name != "|" && !hash_labels.count(name)) found.insert(name);
    }
  }
  return found;
}

} // namespace

TEST_CASE("every command has one row") {
  std::set<std::string> names;
  for (const auto* row : commands) {
    CAPTURE(row->name);
    CHECK(names.insert(std::string{row->name}).second);
    CHECK((row->set_up == nullptr) == (row->set_up_program != nullptr));
  }
}

TEST_CASE("README and docs name every command, and none that there isn't") {
  std::set<std::string> documented;
  for (const auto& document : documents())
    for (const auto& name : commands_in(document)) {
      CAPTURE(document, name);
      CHECK(find_command(name));
      documented.insert(name);
    }
  for (const auto* row : commands) {
    CAPTURE(row->name);
    CHECK(documented.count(std::string{row->name}));
  }
}
