#pragma once
/// Reading fields of JSON that may be anything: a command, an answer, a row. Nothing throws. Included by
/// sources only.
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hublink {

/// Null: it is absent, or `from` is no object.
inline const nlohmann::ordered_json* find_field(const nlohmann::ordered_json& from, std::string_view key) {
  auto found = from.find(key);
  return found == from.end() ? nullptr : &*found;
}

/// The field's text; `otherwise` if it is absent or no text.
inline std::string field_text(const nlohmann::ordered_json& from, std::string_view key,
                              std::string otherwise = {}) {
  auto* found = find_field(from, key);
  return found && found->is_string() ? found->get<std::string>() : std::move(otherwise);
}

/// The field's number; nothing if it is absent or no whole number from 0 on.
inline std::optional<std::uint64_t> field_number(const nlohmann::ordered_json& from, std::string_view key) {
  auto* found = find_field(from, key);
  if (!found || !found->is_number_unsigned()) return {};
  return found->get<std::uint64_t>();
}

/// The field's whole number of either sign; nothing if it is absent, none, or too large.
inline std::optional<std::int64_t> field_integer(const nlohmann::ordered_json& from, std::string_view key) {
  auto* found = find_field(from, key);
  if (!found || !found->is_number_integer()) return {};
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t(INT64_MAX)) return {};
  return found->get<std::int64_t>();
}

/// The field's number of any kind; 0 if it is absent or none.
inline double field_amount(const nlohmann::ordered_json& from, std::string_view key) {
  auto* found = find_field(from, key);
  return found && found->is_number() ? found->get<double>() : 0.0;
}

/// False if it is absent or neither true nor false.
inline bool field_flag(const nlohmann::ordered_json& from, std::string_view key) {
  auto* found = find_field(from, key);
  return found && found->is_boolean() && found->get<bool>();
}

/// Empty if it is absent or no list. It lives as long as `from`.
inline const nlohmann::ordered_json& field_list(const nlohmann::ordered_json& from, std::string_view key) {
  static const auto none = nlohmann::ordered_json::array();
  auto* found = find_field(from, key);
  return found && found->is_array() ? *found : none;
}

/// Empty if it is absent or no object. It lives as long as `from`.
inline const nlohmann::ordered_json& field_object(const nlohmann::ordered_json& from, std::string_view key) {
  static const auto none = nlohmann::ordered_json::object();
  auto* found = find_field(from, key);
  return found && found->is_object() ? *found : none;
}

/// The text itself; empty if it is none.
inline std::string text_of(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : std::string{};
}

} // namespace hublink
