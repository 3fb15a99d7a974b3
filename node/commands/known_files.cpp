#include "node/commands/known_files.hpp"

#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

void add_sends(const json& content, std::vector<known_file>& into) {
  for (const auto& [file, send] : field_object(content, "sends").items()) {
    known_file row{.file = file, .sends = true, .path = field_text(send, "path"), .others = {}};
    for (const auto& name : field_list(send, "recipients")) row.others.push_back(text_of(name));
    into.push_back(std::move(row));
  }
}

void add_receives(const json& content, std::vector<known_file>& into) {
  for (const auto& [file, receive] : field_object(content, "receives").items())
    into.push_back({.file = file,
                    .sends = false,
                    .path = field_text(receive, "path"),
                    .others = {field_text(receive, "source")}});
}

} // namespace

outcome<std::vector<known_file>> ask_known_files(const control_call& call) {
  auto answer = call_node(call, {{"verb", "definition"}, {"content", true}});
  if (!answer) return answer.error();
  if (auto why = failure_in(*answer, "")) return *why;
  std::vector<known_file> all;
  const auto& definitions = field_list(*answer, "definitions");
  for (const auto& row : definitions) {
    const auto& content = field_object(row, "content");
    add_sends(content, all);
    if (definitions.size() == 1) add_receives(content, all); // of a whole network they are the same ones
  }
  std::ranges::sort(all, {}, &known_file::file);
  return all;
}

} // namespace hublink
