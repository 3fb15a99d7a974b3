#include "node/spans/otlp_json.hpp"
#include "node/base/json_text.hpp"
#include "protocol/base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr json_bounds answer_bounds{.bytes = 64 << 10, .depth = 8, .values = 1000};

json attribute(const std::string& key, const span::value& value) {
  json said;
  if (auto* text = std::get_if<std::string>(&value))
    said["stringValue"] = *text;
  else
    said["intValue"] = std::to_string(std::get<std::int64_t>(value)); // 64 bits are text in proto3's JSON
  return {{"key", key}, {"value", std::move(said)}};
}

std::string nanoseconds(span::time at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

json span_object(const span& each) {
  json made{{"traceId", each.trace}, {"spanId", each.id}};
  if (!each.parent.empty()) made["parentSpanId"] = each.parent;
  made["name"] = each.name;
  made["kind"] = int(each.kind);
  made["startTimeUnixNano"] = nanoseconds(each.begin);
  made["endTimeUnixNano"] = nanoseconds(each.end);
  json attributes = json::array();
  for (const auto& [key, value] : each.attributes) attributes.push_back(attribute(key, value));
  made["attributes"] = std::move(attributes);
  if (each.error) made["status"] = {{"code", 2}, {"message", *each.error}};
  return made;
}

} // namespace

std::string to_otlp_json(const span_origin& by, const std::vector<span>& spans) {
  json resource = json::array();
  resource.push_back(attribute("service.name", "hublink"));
  resource.push_back(attribute("service.namespace", by.network));
  resource.push_back(attribute("service.instance.id", by.node));
  resource.push_back(attribute("service.version", by.version));
  json list = json::array();
  for (const auto& each : spans) list.push_back(span_object(each));
  json scope{{"scope", {{"name", "hublink"}, {"version", by.version}}}, {"spans", std::move(list)}};
  json whole{{"resource", {{"attributes", std::move(resource)}}}, {"scopeSpans", json::array({scope})}};
  return to_line(json{{"resourceSpans", json::array({std::move(whole)})}});
}

std::uint64_t rejected_spans(const std::string& answer) {
  auto read = read_json_object(answer, answer_bounds);
  if (!read) return 0; // none is asked for
  auto found = read->find("partialSuccess");
  if (found == read->end() || !found->is_object()) return 0;
  auto count = found->find("rejectedSpans");
  if (count == found->end()) return 0;
  if (count->is_number_unsigned()) return count->get<std::uint64_t>();
  if (!count->is_string()) return 0;
  const auto& text = count->get_ref<const std::string&>();
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace hublink
