#include "node/metrics/metric_text.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

namespace hublink {

namespace {

/// A sample's family: of a histogram the name without its ending.
std::string_view family_of(std::string_view sample,
                           const std::map<std::string, std::string, std::less<>>& heads) {
  if (heads.count(sample)) return sample;
  for (std::string_view ending : {"_bucket", "_sum", "_count"})
    if (sample.ends_with(ending) && heads.count(sample.substr(0, sample.size() - ending.size())))
      return sample.substr(0, sample.size() - ending.size());
  return {};
}

std::string escaped_label(std::string_view text) {
  std::string made;
  for (char c : text) {
    if (c == '\\' || c == '"') made += '\\';
    made += c == '\n' ? ' ' : c;
  }
  return made;
}

bool is_ours(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return (name.starts_with("hublink_") || name.starts_with("process_")) && std::ranges::all_of(name, fits);
}

bool is_label_name(std::string_view name) {
  const auto fits = [](unsigned char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name != "node" && std::ranges::all_of(name, fits);
}

/// Behind the closing brace of `{name="value",…}`; nothing where it is none, or has a name twice. What a node
/// says must not keep Prometheus from reading what the others say.
std::optional<std::size_t> end_of_labels(std::string_view text) {
  std::set<std::string_view> names;
  std::size_t at = 1;
  while (at < text.size() && text[at] != '}') {
    const auto equals = text.find("=\"", at);
    if (equals == text.npos || !is_label_name(text.substr(at, equals - at))) return {};
    if (!names.insert(text.substr(at, equals - at)).second) return {};
    at = equals + 2;
    for (; at < text.size() && text[at] != '"'; ++at)
      if (text[at] == '\\' &&
          (++at == text.size() || std::string_view{"\\\"n"}.find(text[at]) == std::string_view::npos))
        return {};
    if (++at >= text.size()) return {};
    if (text[at] == ',') ++at;
  }
  if (at >= text.size()) return {};
  return at + 1;
}

bool is_number(std::string_view text) {
  if (text == "+Inf" || text == "-Inf" || text == "NaN" || text == "Nan") return true;
  double value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// Its name, and the whole with the label in it. Nothing: it is no sample.
std::optional<std::pair<std::string, std::string>> labelled(std::string_view line, const std::string& label) {
  const auto end = line.find_first_of("{ ");
  if (end == line.npos || !is_ours(line.substr(0, end))) return {};
  const auto name = std::string{line.substr(0, end)};
  auto rest = line.substr(end);
  std::string_view inner;
  if (rest.front() == '{') {
    auto behind = end_of_labels(rest);
    if (!behind) return {};
    inner = rest.substr(1, *behind - 2);
    rest = rest.substr(*behind);
  }
  if (!rest.starts_with(' ') || !is_number(rest.substr(1))) return {};
  return std::pair{name, name + "{" + label + (inner.empty() ? "" : ",") + std::string{inner} + "}" +
                             std::string{rest}};
}

bool is_head(std::string_view line, std::string_view name) {
  if (line.starts_with("# HELP ")) return true;
  const auto type = line.substr(std::min(line.size(), std::string_view{"# TYPE "}.size() + name.size() + 1));
  return type == "counter" || type == "gauge" || type == "histogram" || type == "untyped";
}

struct joined_family {
  std::string head; ///< its HELP and TYPE
  std::string samples;
};

} // namespace

prometheus::MetricFamily& metric_list::family(const std::string& name, const std::string& help,
                                              prometheus::MetricType type) {
  auto found = std::ranges::find(families_, name, &prometheus::MetricFamily::name);
  if (found != families_.end()) return *found;
  families_.push_back({name, help, type, {}});
  return families_.back();
}

void metric_list::gauge(const std::string& name, const std::string& help, double value, const labels& of) {
  prometheus::ClientMetric sample;
  for (const auto& [key, text] : of) sample.label.push_back({key, text});
  sample.gauge.value = value;
  family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(sample));
}

void metric_list::counter(const std::string& name, const std::string& help, double value, const labels& of) {
  prometheus::ClientMetric sample;
  for (const auto& [key, text] : of) sample.label.push_back({key, text});
  sample.counter.value = value;
  family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(sample));
}

void metric_list::add(std::vector<prometheus::MetricFamily> more) {
  for (auto& each : more)
    if (!each.metric.empty()) families_.push_back(std::move(each));
}

std::string metric_list::text() const { return prometheus::TextSerializer{}.Serialize(families_); }

std::string joined_metrics(const std::map<std::string, std::string>& by_node) {
  std::map<std::string, joined_family> families;
  for (const auto& [node, text] : by_node) {
    const auto label = "node=\"" + escaped_label(node) + "\"";
    std::map<std::string, std::string, std::less<>> heads; ///< of this node
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto line = rest.substr(0, end);
      rest = end < rest.size() ? rest.substr(end + 1) : std::string_view{};
      if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
        const auto name = line.substr(7, line.find(' ', 7) - 7);
        if (is_ours(name) && is_head(line, name)) heads[std::string{name}] += std::string{line} + "\n";
        continue;
      }
      auto sample = labelled(line, label);
      if (!sample) continue;
      const auto name = family_of(sample->first, heads);
      if (name.empty()) continue;
      auto& family = families[std::string{name}];
      if (family.head.empty()) family.head = heads.find(name)->second;
      family.samples += sample->second + "\n";
    }
  }
  std::string made;
  for (const auto& [name, family] : families) made += family.head + family.samples;
  return made;
}

} // namespace hublink
