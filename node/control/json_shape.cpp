#include "node/control/json_shape.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using shaped = nlohmann::ordered_json;

failure otherwise(std::string_view field, std::string_view expected) {
  return {errc::bad_message, {}, "field \"" + std::string{field} + "\": expected " + std::string{expected}};
}

bool all_texts(const shaped& value) {
  return std::all_of(value.begin(), value.end(), [](const shaped& item) { return item.is_string(); });
}

bool is_event(const shaped& value) {
  return value.is_object() && std::all_of(value.begin(), value.end(), [](const shaped& member) {
           return !member.is_structured() || all_texts(member);
         });
}

std::string_view expected_of(json_kind kind) {
  constexpr std::array<std::string_view, 9> texts{
      "a text",
      "a whole number in its range",
      "true or false",
      "a list of texts",
      "an object of texts",
      "an object",
      "a list of objects",
      "an object of objects",
      "a list of events",
  };
  return texts[static_cast<std::size_t>(kind)];
}

/// By itself, without what its items have.
bool is_of_kind(const shaped& value, const json_field& field) {
  switch (field.kind) {
  case json_kind::text:
    return value.is_string() && value.get_ref<const std::string&>().size() <= field.most;
  case json_kind::number:
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= field.most;
  case json_kind::flag:
    return value.is_boolean();
  case json_kind::texts:
    return value.is_array() && all_texts(value);
  case json_kind::text_map:
    return value.is_object() && all_texts(value);
  case json_kind::events:
    return value.is_array() && std::all_of(value.begin(), value.end(), is_event);
  case json_kind::rows:
    return value.is_array();
  case json_kind::object:
  case json_kind::row_map:
    break;
  }
  return value.is_object();
}

outcome<> fits_field(const shaped& value, const json_field& field) {
  if (!is_of_kind(value, field)) return otherwise(field.name, expected_of(field.kind));
  if (field.kind == json_kind::object) return fits(value, field.of);
  if (field.kind != json_kind::rows && field.kind != json_kind::row_map) return {};
  for (const auto& row : value)
    if (auto fine = fits(row, field.of); !fine)
      return row.is_object() ? fine : otherwise(field.name, expected_of(field.kind));
  return {};
}

} // namespace

outcome<> fits(const nlohmann::ordered_json& value, json_shape shape) {
  if (!value.is_object()) return failure{errc::bad_message, {}, "expected an object"};
  for (const auto& field : shape) {
    auto found = value.find(field.name);
    if (found == value.end()) {
      if (field.needed) return otherwise(field.name, expected_of(field.kind));
      continue;
    }
    if (auto fine = fits_field(*found, field); !fine) return fine;
  }
  return {};
}

} // namespace hublink
