#include "node/definition/apply_difference.hpp"
#include "node/definition/applied_network.hpp"
#include "node/definition/definition_json.hpp"
#include "node/topology/topology_check.hpp"

#include "node/base/json_text.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"

namespace hublink {

namespace {

using ordered = nlohmann::ordered_json;

/// The same, with its keys sorted.
nlohmann::json unordered(const ordered& value) {
  auto read = build_json<nlohmann::json>(to_line(value), {.bytes = 64 << 20});
  auto* found = std::get_if<nlohmann::json>(&read);
  return found ? std::move(*found) : nlohmann::json{};
}

/// Operations of a JSON patch (RFC 6902), without their values.
ordered changes_between(const ordered& before, const ordered& after) {
  auto all = ordered::array();
  for (const auto& step : nlohmann::json::diff(unordered(before), unordered(after)))
    all.push_back({{"op", step["op"]}, {"path", step["path"]}});
  return all;
}

} // namespace

ordered difference_of(const ordered& found, const std::string& text, const certificate_map& certificates,
                      const definition& own) {
  if (!found.is_object() || found.contains("error")) return found;
  applied_network::state wanted{0, parse_and_check(text).value, certificates};
  std::map<std::string, ordered> present{{own.node, json_of(own)}};
  for (const auto& row : field_list(found, "definitions"))
    present[field_text(row, "node")] = field_object(row, "content");
  std::map<std::string, std::string> unasked;
  for (const auto& node : field_list(found, "missing"))
    unasked[field_text(node, "node")] = field_text(node, "reason", "no session");
  ordered answer{{"difference", ordered::array()}, {"exit", 0}};
  for (const auto& [name, node] : wanted.compiler.net().nodes) {
    ordered row{{"node", name}};
    if (auto known = present.extract(name))
      row["changes"] = changes_between(known.mapped(), json_of(wanted.compile(name)));
    else if (auto why = unasked.find(name); why != unasked.end())
      row["reason"] = why->second;
    else
      row["reason"] = "it is new, or its home server could not be asked";
    answer["difference"].push_back(std::move(row));
  }
  for (const auto& [name, content] : present)
    answer["difference"].push_back({{"node", name}, {"removed", true}});
  return answer;
}

} // namespace hublink
