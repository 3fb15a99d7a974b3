#include "node/requests/request_fields.hpp"
#include "node/base/byte_amounts.hpp"
#include "node/base/nearest_name.hpp"
#include "node/topology/topology.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using field_kind = request_field::kind;

constexpr std::uint64_t most_of_32_bits = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t most_of_63_bits = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least_of_64_bits = std::numeric_limits<std::int64_t>::min();

std::vector<verb_fields> make_verb_fields() {
  using enum request_field::kind;
  const request_field any_file{"file"}, any_transfer{"transfer"}, any_host{"host"}, wait{"wait", flag};
  const request_field limit{"limit", number, false, 0, most_of_32_bits};
  const request_field file{"file", word, true}, transfer{"transfer", word, true};
  const request_field user{"user", word, true}, password{"password", word}, made_of_it{"keys", keys};
  const std::vector<request_field> filters{any_file,
                                           any_transfer,
                                           any_host,
                                           {"state"},
                                           {"since_ms", number, false, least_of_64_bits, most_of_63_bits},
                                           {"until_ms", number, false, least_of_64_bits, most_of_63_bits},
                                           limit};
  return {
      {"send", {file, wait}},
      {"request", {file, {"resend", flag}, wait}},
      {"cancel", {transfer}},
      {"retry", {transfer}},
      {"transfers", filters},
      {"history", filters},
      {"trace", {transfer}},
      {"stored", {}},
      {"deliver", {transfer}},
      {"status", {{"nonce"}}},
      {"ping", {{"host", word, true}}},
      {"hold", {}},
      {"release", {}},
      {"rate", {{"rate", number, true, 0, most_rate}, {"transfer", word}}},
      {"gateways", {}},
      {"streams", {{"closed", flag}}},
      {"events", {{"from", number}, {"oldest", flag}, any_transfer, {"wait_ms", number}, {"clients", flag}}},
      {"feed", {{"follow", flag}, any_transfer, any_host}},
      {"login", {user, password}},
      {"logout", {}},
      {"sessions", {}},
      {"apply", {{"topology", word}, {"dry_run", flag}}},
      {"define", {{"definition", word, true}, {"list"}, {"word"}}},
      {"definition", {{"content", flag}, {"word"}}},
      {"users-list", {}},
      {"users-add", {user, password, made_of_it, {"rights", word, true}, {"transfers", names}}},
      {"users-set", {user, {"rights", word}, {"transfers", names}}},
      {"users-remove", {user}},
      {"users-passwd", {user, password, made_of_it}},
      {"audit", {limit}}};
}

/// With which nodes pass a command on.
const std::array<request_field, 5> passing_fields{request_field{"verb", field_kind::word, true},
                                                  {"at"},
                                                  {"network", field_kind::flag},
                                                  {"only_files", field_kind::words},
                                                  {"nonce"}};

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
    return value.is_string();
  case field_kind::word:
    return value.is_string() && is_word(value.get_ref<const std::string&>());
  case field_kind::flag:
    return value.is_boolean();
  case field_kind::number:
    return is_number_of(field, value);
  case field_kind::names:
    return is_list_of(value, is_name);
  case field_kind::words:
    return is_list_of(value, is_word);
  case field_kind::keys:
    return value.is_object() &&
           std::all_of(value.begin(), value.end(), [](const json& each) { return each.is_string(); });
  }
  return false;
}

std::string wanted_kind(const request_field& field) {
  switch (field.what) {
  case field_kind::text:
    return "a text";
  case field_kind::word:
    return "a text that is not empty";
  case field_kind::flag:
    return "true or false";
  case field_kind::number:
    return "a whole number from " + std::to_string(field.least) + " to " + std::to_string(field.most);
  case field_kind::names:
    return "a list of names: 1 to 64 letters, digits, '.', '_' or '-'";
  case field_kind::keys:
    return "an object of texts";
  case field_kind::words:
    break;
  }
  return "a list of texts that are not empty";
}

std::string unknown_field(std::string_view name, std::span<const request_field> fields) {
  std::vector<std::string_view> known;
  std::string listed;
  for (const auto& each : fields) {
    known.push_back(each.name);
    listed.append(listed.empty() ? "known here: " : ", ").append(each.name);
  }
  for (const auto& each : passing_fields) known.push_back(each.name);
  auto text = "there is no field '" + shown(name) + "'";
  if (auto nearest = nearest_name(name, known))
    return text + "; did you mean '" + std::string{*nearest} + "'?";
  return text + "; remove it" + (listed.empty() ? "" : ", " + listed);
}

template <class Fields>
const request_field* find_field(const Fields& fields, std::string_view name) {
  auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

} // namespace

const std::vector<verb_fields>& all_verb_fields() {
  static const auto rows = make_verb_fields();
  return rows;
}

std::optional<std::string> wrong_field(std::string_view verb, const json& request) {
  const auto& rows = all_verb_fields();
  auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.verb == verb; });
  if (row == rows.end()) return std::string{verb} + " has no fields here";
  const auto say = [&](const std::string& what) { return std::string{verb} + ": " + what; };
  for (const auto& [name, value] : request.items()) {
    auto* field = find_field(row->fields, name);
    if (!field) field = find_field(passing_fields, name);
    if (!field) return say(unknown_field(name, row->fields));
    if (!fits_kind(*field, value))
      return say("the field '" + std::string{field->name} + "' must be " + wanted_kind(*field));
  }
  for (const auto& field : row->fields)
    if (field.needed && !request.contains(std::string{field.name}))
      return say("the field '" + std::string{field.name} + "' is missing; it is " + wanted_kind(field));
  return {};
}

} // namespace hublink
