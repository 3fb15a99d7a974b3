#include "node/events/event_line.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

struct line_fields {
  json& line;

  template <class Value>
  void operator()(const char* key, const Value& value) const {
    line[key] = value;
  }
  template <class Value>
  void operator()(const char* key, const std::optional<Value>& value) const {
    if (value) line[key] = *value;
  }
  void operator()(const char* key, const std::vector<std::string>& names) const {
    if (names.size() == 1)
      line[key] = names.front();
    else if (!names.empty())
      line[key] = names;
  }
};

} // namespace

std::string to_json_line(const std::string& node, std::chrono::system_clock::time_point when,
                         const transfer_id& transfer, const event::any& what) {
  json line;
  line["time"] = to_rfc3339(when);
  line["node"] = node;
  line["event"] = event::names[what.index()];
  if (!transfer.empty()) line["transfer"] = transfer;
  std::visit([&](const auto& each) { each.fields(line_fields{line}); }, what);
  return to_line(line);
}

} // namespace hublink
