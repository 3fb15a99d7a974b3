#include "node/requests/request_fields.hpp"
#include "node/base/nearest_name.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/verbs.hpp"
#include "node/topology/topology.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using field_kind = request_field::kind;

/// With which nodes pass a command on.
constexpr std::array passing_fields{
    request_field::name_of("verb"), request_field::name_of("at"), request_field::flag_of("network"),
    request_field{"only_files", field_kind::words}, request_field::name_of("nonce")};
bool is_number_of(const request_field& field, const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= field.most;
  return value.is_number_integer() && value.get<std::int64_t>() >= field.least;
}

bool is_list_of(const json& value, bool (*is_one)(std::string_view text)) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [&](const json& each) {
           return each.is_string() && is_one(each.get_ref<const std::string&>());
         });
}

bool is_word(std::string_view text) { return !text.empty(); }

bool fits_kind(const request_field& field, const json& value) {
  switch (field.what) {
  case field_kind::text:
    return value.is_string() && value.get_ref<const std::string&>().size() <= field.most;
  case field_kind::word:
    return value.is_string() && is_word(value.get_ref<const std::string&>()) &&
           value.get_ref<const std::string&>().size() <= field.most;
  case field_kind::flag:
    return value.is_boolean();
  case field_kind::number:
    return is_number_of(field, value);
  case field_kind::names:
    return is_list_of(value, is_name);
  case field_kind::words:
    return is_list_of(value, is_word);
  case field_kind::keys:
    return value.is_object() && value.contains("stored") && value.contains("server") &&
           std::all_of(value.begin(), value.end(), [](const json& each) { return each.is_string(); });
  }
  return false;
}

std::string wanted_kind(const request_field& field) {
  const auto bounded = field.most < std::numeric_limits<std::uint64_t>::max()
                           ? ", of " + std::to_string(field.most) + " bytes at most"
                           : std::string{};
  switch (field.what) {
  case field_kind::text:
    return "a text" + bounded;
  case field_kind::word:
    return "a text that is not empty" + bounded;
  case field_kind::flag:
    return "true or false";
  case field_kind::number:
    return "a whole number from " + std::to_string(field.least) + " to " + std::to_string(field.most);
  case field_kind::names:
    return "a list of names: 1 to 64 letters, digits, '.', '_' or '-'";
  case field_kind::keys:
    return "an object of texts, with stored and server";
  case field_kind::words:
    break;
  }
  return "a list of texts that are not empty";
}

bool has_place(const request_field& field, request_way way) { return !field.by || *field.by == way; }

std::vector<request_field> fields_of(const verb& row, request_way way) {
  std::vector<request_field> all;
  for (const auto& field : row.fields)
    if (has_place(field, way)) all.push_back(field);
  return all;
}

std::vector<request_field> passing_fields_of(const verb& row, request_way way) {
  std::vector<request_field> all{passing_fields.begin(), passing_fields.end()};
  const auto whose = request_field::name_of(whose_field(row)).only_by(request_way::socket);
  if (row.scope != verb_scope::here && has_place(whose, way)) all.push_back(whose);
  return all;
}

std::string unknown_field(std::string_view name, std::span<const request_field> own,
                          std::span<const request_field> passing) {
  std::vector<std::string_view> known;
  std::string listed;
  for (const auto& each : own) {
    known.push_back(each.name);
    listed.append(listed.empty() ? "known here: " : ", ").append(each.name);
  }
  for (const auto& each : passing) known.push_back(each.name);
  auto text = "there is no field '" + shown(name) + "'";
  if (auto nearest = nearest_name(name, known))
    return text + "; did you mean '" + std::string{*nearest} + "'?";
  return text + "; remove it" + (listed.empty() ? "" : ", " + listed);
}

const request_field* field_named(std::span<const request_field> fields, std::string_view name) {
  auto found = std::ranges::find(fields, name, &request_field::name);
  return found == fields.end() ? nullptr : &*found;
}

} // namespace

const char* whose_field(const verb& row) {
  const bool is_its_own = std::ranges::any_of(
      row.fields, [](const request_field& field) { return field.name == "user" && !field.by; });
  return is_its_own ? "sessions_of" : "user";
}

std::optional<std::string> wrong_field(const verb& row, const json& request, request_way way) {
  const auto own = fields_of(row, way), passing = passing_fields_of(row, way);
  const auto say = [&](const std::string& what) { return std::string{row.name} + ": " + what; };
  for (const auto& [name, value] : request.items()) {
    auto* field = field_named(own, name);
    if (!field) field = field_named(passing, name);
    if (!field) return say(unknown_field(name, own, passing));
    if (!fits_kind(*field, value))
      return say("the field '" + std::string{field->name} + "' must be " + wanted_kind(*field));
  }
  for (const auto& field : own)
    if (field.needed && !request.contains(std::string{field.name}))
      return say("the field '" + std::string{field.name} + "' is missing; it is " + wanted_kind(field));
  return {};
}

outcome<> fits_request(const json& request) {
  const auto otherwise = [](const request_field& field) {
    return failure{
        errc::bad_message, {}, "field \"" + std::string{field.name} + "\": expected " + wanted_kind(field)};
  };
  std::vector<request_field> known{passing_fields.begin(), passing_fields.end()};
  if (auto* row = find_verb(field_text(request, "verb")))
    known.insert(known.begin(), row->fields.begin(), row->fields.end());
  for (const auto& field : known) {
    auto* given = find_field(request, field.name);
    if (given && !fits_kind(field, *given)) return otherwise(field);
    if (!given && field.needed && has_place(field, request_way::session)) return otherwise(field);
  }
  return {};
}

} // namespace hublink
