#include "node/topology/json_document.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>
#include <cctype>

namespace hublink {

namespace {

/// Of a topology for tens of thousands of nodes.
constexpr json_bounds topology_bounds{.bytes = longest_topology, .depth = 16, .values = 8'000'000};

/// `line 3, column 7` of a byte of the text.
std::string place_of(std::string_view text, std::size_t byte) {
  auto before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto column = before.size() - (line_start == before.npos ? 0 : line_start + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

bool is_letter(char each) { return std::isalpha(static_cast<unsigned char>(each)) != 0; }

bool begins_comment(std::string_view text, std::size_t byte) {
  if (byte == 0 || byte > text.size()) return false;
  auto near = text.substr(byte >= 2 ? byte - 2 : 0, 3); // the reader stops behind the slash
  return text[byte - 1] == '#' || near.find("//") != near.npos || near.find("/*") != near.npos;
}

/// Where the reader's own words say little to who writes such files seldom; empty: they say enough.
std::string_view habit_of(std::string_view text, const json_fault& fault) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return "there is nothing in it";
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return "it is written as UTF-16; save it as UTF-8";
  if (begins_comment(text, fault.byte)) return "comments are no part of JSON; remove it";
  if (fault.what.find("invalid literal") == fault.what.npos) return {};
  auto before = text.substr(0, std::min(fault.byte, text.size()));
  auto last = before.find_last_of("{}[],:\"");
  auto word = text.substr(last == before.npos ? 0 : last + 1);
  word.remove_prefix(std::min(word.find_first_not_of(" \t\r\n"), word.size()));
  if (word.starts_with('\'')) return "names and texts stand in double quotes, not in single ones";
  if (!word.empty() && is_letter(word.front())) return "names and texts stand in double quotes";
  return {};
}

std::string path_of(const json_fault& fault) {
  std::string path;
  for (std::size_t i = 0; i < std::min<std::size_t>(fault.path.size(), 8); ++i)
    path += (i == 0 ? "" : ".") + shown(fault.path[i]);
  return path.empty() ? "file" : path;
}

problem problem_of(const json_fault& fault, std::string_view text) {
  if (!fault.malformed) return {path_of(fault), fault.what};
  auto habit = habit_of(text, fault);
  auto what = habit.empty() ? shown(fault.what) : std::string{habit};
  return {fault.byte > 0 ? place_of(text, fault.byte) : "file", "is no JSON: " + what};
}

} // namespace

nlohmann::json read_json(std::string_view text, problems& found) {
  auto built = build_json<nlohmann::json>(text, topology_bounds);
  if (auto* document = std::get_if<nlohmann::json>(&built)) return std::move(*document);
  found.push_back(problem_of(std::get<json_fault>(built), text));
  return nlohmann::json(nlohmann::json::value_t::discarded);
}

} // namespace hublink
