#include "node/topology/json_fields.hpp"

#include "node/base/byte_amounts.hpp"
#include "node/base/nearest_name.hpp"
#include "protocol/base/utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hublink {

namespace {

std::string hint_for(const std::string& key, const std::vector<std::string>& known) {
  auto distance = [&](const std::string& name) { return edit_distance(shown(key), name); };
  auto nearest = std::min_element(known.begin(), known.end(),
                                  [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (nearest != known.end() && distance(*nearest) <= std::max<std::size_t>(2, nearest->size() / 3))
    return "did you mean \"" + *nearest + "\"?";
  std::string all;
  for (const auto& name : known) all += (all.empty() ? "" : ", ") + name;
  return "remove it; known here: " + all;
}

} // namespace

std::string shown(std::string_view key) {
  constexpr std::size_t most = 80;
  std::string text{key.substr(0, most)};
  // A cut may fall inside a UTF-8 sequence: drop its beginning too.
  if (key.size() > most) {
    while (!text.empty() && (text.back() & 0xc0) == 0x80) text.pop_back();
    if (!text.empty() && (text.back() & 0x80)) text.pop_back();
    text += "...";
  }
  return shown_text(text);
}

const nlohmann::json& json_fields::no_fields() {
  static const nlohmann::json empty = nlohmann::json::object();
  return empty;
}

json_fields::json_fields(const nlohmann::json& value, std::string path, problems& found)
    : value_(value.is_object() ? value : no_fields()), path_(std::move(path)), found_(found) {
  if (!value.is_object()) found_.push_back({path_.empty() ? "file" : path_, "must be an object: { ... }"});
}

const nlohmann::json* json_fields::get(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  auto found = value_.find(key);
  return found == value_.end() ? nullptr : &*found;
}

std::optional<std::string> json_fields::text(const std::string& key) {
  auto* field = get(key);
  if (!field) return {};
  if (auto* written = field->get_ptr<const std::string*>()) return *written;
  note(key, "must be a text in quotes");
  return {};
}

std::optional<std::string> json_fields::name(const std::string& key) {
  auto written = text(key);
  if (!written || is_name(*written)) return written;
  note(key, "\"" + shown(*written) +
                "\" is no name: 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit");
  return {};
}

std::optional<int> json_fields::number(const std::string& key, int least, int most) {
  auto* field = get(key);
  if (!field) return {};
  const bool fits = field->is_number_unsigned() ? field->get<std::uint64_t>() <= std::uint64_t(most)
                                                : field->is_number_integer();
  if (fits && field->get<std::int64_t>() >= least) return static_cast<int>(field->get<std::int64_t>());
  note(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return {};
}

std::optional<int> json_fields::milliseconds(const std::string& key, int least, int most) {
  auto* field = get(key);
  if (!field) return {};
  const double ms = field->is_number() ? field->get<double>() * 1000 : -1;
  if (ms >= least && ms <= most) return static_cast<int>(std::lround(ms));
  note(key, fmt::format("must be seconds from {} to {}", least / 1000.0, most / 1000.0));
  return {};
}

std::optional<std::uint64_t> json_fields::byte_amount(const std::string& key, std::uint64_t least,
                                                      std::uint64_t most) {
  if (!get(key)) return {}; // most are not there, and their bounds take time to write
  return amount(key, parse_byte_amount, least, most,
                "an amount from " + byte_amount_text(least) + " to " + byte_amount_text(most) +
                    " such as \"64MB\" (units: B, KB, MB, GB, KiB, MiB, GiB)");
}

std::optional<std::uint64_t> json_fields::byte_rate(const std::string& key) {
  if (!get(key)) return {};
  return amount(key, parse_byte_rate, least_rate, most_rate,
                "a rate from " + byte_rate_text(least_rate) + " to " + byte_rate_text(most_rate) +
                    " such as \"20MB/s\" (units: B, KB, MB, GB, KiB, MiB, GiB)");
}

std::optional<std::uint64_t> json_fields::amount(const std::string& key, parser parse, std::uint64_t least,
                                                 std::uint64_t most, const std::string& what) {
  auto* field = get(key);
  if (!field) return {};
  std::optional<std::uint64_t> bytes;
  if (field->is_number_unsigned()) bytes = field->get<std::uint64_t>();
  if (auto* written = field->get_ptr<const std::string*>()) bytes = parse(*written);
  if (bytes && *bytes >= least && *bytes <= most) return bytes;
  note(key, "must be " + what);
  return {};
}

std::optional<bool> json_fields::flag(const std::string& key) {
  auto* field = get(key);
  if (!field) return {};
  if (field->is_boolean()) return field->get<bool>();
  note(key, "must be true or false");
  return {};
}

std::vector<std::string> json_fields::name_list(const std::string& key) {
  auto* field = get(key);
  if (!field) return {};
  if (!field->is_array()) {
    note(key, "must be a list of names: [\"...\"]");
    return {};
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < field->size(); ++i) {
    auto* written = (*field)[i].get_ptr<const std::string*>();
    if (written && is_name(*written))
      names.push_back(*written);
    else
      note(key + "[" + std::to_string(i) + "]", "must be a name: 1 to 64 letters, digits, '.', '_' or '-'");
  }
  return names;
}

void json_fields::each_text(
    const std::string& key, const std::string& what,
    const std::function<void(const std::string& written, const std::string& at)>& call) {
  auto* field = get(key);
  if (!field) return;
  if (auto* written = field->get_ptr<const std::string*>()) return call(*written, key);
  if (!field->is_array() || field->empty()) return note(key, "must be " + what + ", or a list of them");
  for (std::size_t i = 0; i < field->size(); ++i) {
    const auto at = key + "[" + std::to_string(i) + "]";
    if (auto* written = (*field)[i].get_ptr<const std::string*>())
      call(*written, at);
    else
      note(at, "must be " + what + " in quotes");
  }
}

void json_fields::each_name(
    const std::function<void(const std::string&, const nlohmann::json&, const std::string&)>& call) {
  all_known_ = true;
  for (const auto& [key, field] : value_.items()) {
    if (is_name(key))
      call(key, field, path_of(key));
    else
      note(key, "names are 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit; rename it");
  }
}

void json_fields::object(const std::string& key, const std::function<void(json_fields&)>& call) {
  auto* field = get(key);
  if (!field) return;
  json_fields inner{*field, path_of(key), found_};
  if (!field->is_object()) return;
  call(inner);
  inner.finish();
}

void json_fields::require(const std::string& key, const std::string& how) {
  if (!get(key)) note(key, "is missing; " + how);
}

void json_fields::note(const std::string& key, std::string message) {
  found_.push_back({path_of(key), std::move(message)});
}

void json_fields::finish() {
  if (std::exchange(all_known_, true)) return; // said once, whoever else asks
  for (const auto& [key, field] : value_.items())
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      note(key, "is not known here; " + hint_for(key, known_));
}

} // namespace hublink
