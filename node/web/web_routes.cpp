#include "node/web/web_routes.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/json_reader.hpp"
#include "protocol/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using field_kind = request_field::kind;

constexpr std::uint64_t most_rows = 100'000;

/// Whose word, limits and nonces: nodes say these to each other.
constexpr std::array<std::string_view, 4> not_from_outside{"only_files", "nonce", "keys", "password"};
constexpr std::array passed_on{request_field::name_of("at"), request_field::flag_of("network")};

std::string path_of(std::string_view verb) {
  auto path = std::string{api_root} + std::string{verb};
  if (auto dash = path.find('-', api_root.size()); dash != path.npos) path[dash] = '/';
  return path;
}

std::optional<web_route> route_of(const verb& row) {
  using enum http_rule::method;
  const auto& rule = row.http;
  const bool is_left_out = rule.by == none || (rule.by == by_right && !row.takes.needed);
  if (is_left_out) return {};
  return web_route{.path = path_of(row.name),
                   .what = &row,
                   .posts = rule.by == by_right ? row.takes.changes() : rule.by == post,
                   .takes = row.takes.needed ? row.takes : rule.takes,
                   .list = rule.list};
}

failure wrong(const std::string& name, const std::string& what) {
  return {errc::bad_config, {}, "the field '" + shown_text(name) + "' " + what};
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return {};
  return value;
}

const request_field* find_request_field(const web_route& route, std::string_view name) {
  for (const auto& fields : {route.what->fields, std::span<const request_field>{passed_on}})
    for (const auto& field : fields)
      if (field.name == name && field.by != request_way::session) return &field;
  return nullptr;
}

/// A text of the query as what the field is. Nothing: it can't be that.
std::optional<json> value_of(const request_field& field, const std::string& text) {
  switch (field.what) {
  case field_kind::flag:
    if (text == "true") return true;
    if (text == "false") return false;
    return {};
  case field_kind::number:
    if (text.starts_with('-')) {
      auto value = number_of(std::string_view{text}.substr(1));
      if (!value || *value > std::uint64_t(INT64_MAX)) return {};
      return -std::int64_t(*value);
    }
    if (auto value = number_of(text)) return *value;
    return {};
  default:
    return text;
  }
}

bool is_list(const request_field& field) {
  return field.what == field_kind::names || field.what == field_kind::words;
}

/// `user` names an account there; elsewhere it is whose sessions a command goes by, and that is known.
bool is_servers_to_say(const web_route& route, std::string_view name) {
  if (std::ranges::count(not_from_outside, name)) return true;
  if (name != "user") return false;
  return std::ranges::none_of(route.what->fields,
                              [](const request_field& field) { return field.name == "user" && !field.by; });
}

outcome<> read_page_field(const std::string& name, const std::string& value, web_page& page) {
  page.is_asked = true;
  if (name == "sort") {
    page.sort = value;
    return {};
  }
  auto number = number_of(value);
  if (!number || *number == 0 || *number > most_rows) return wrong(name, "must be a whole number from 1 on");
  (name == "page" ? page.page : page.rows) = *number;
  return {};
}

/// What the node is asked for, so that the page is in it.
outcome<> ask_for_page(const web_route& route, web_command& made) {
  if (route.list.empty()) return {};
  if (made.page.page > most_rows / made.page.rows)
    return wrong("page", "leads beyond the first " + std::to_string(most_rows) + " rows");
  // One more says whether another page follows; what is sorted has to be there as a whole.
  const auto wanted = made.page.page * made.page.rows + 1;
  made.request["limit"] = made.page.sort.empty() ? std::min(wanted, most_rows) : most_rows;
  return {};
}

} // namespace

const std::vector<web_route>& web_routes() {
  static const auto all = [] {
    std::vector<web_route> made;
    for (const auto& row : verbs())
      if (auto route = route_of(row)) made.push_back(std::move(*route));
    return made;
  }();
  return all;
}

const web_route* find_web_route(std::string_view path) {
  const auto& all = web_routes();
  auto found = std::ranges::find(all, path, &web_route::path);
  return found == all.end() ? nullptr : &*found;
}

bool is_said(const web_route& route, const request_field& field) {
  if (field.by == request_way::session) return false;
  return field.name == "password" || !is_servers_to_say(route, field.name); // it is taken out before
}

outcome<web_command> command_of_query(const web_route& route, const http_target& target) {
  web_command made{{{"verb", route.what->name}}};
  for (const auto& [name, text] : target.query) {
    if (is_servers_to_say(route, name)) return wrong(name, "is not said over HTTP");
    if (!route.list.empty() && (name == "sort" || name == "page" || name == "limit")) {
      if (auto fine = read_page_field(name, text, made.page); !fine) return fine.error();
      continue;
    }
    const auto* field = find_request_field(route, name);
    if (!field) { // the verb says what is nearest
      made.request[name] = text;
      continue;
    }
    if (is_list(*field)) {
      made.request[name].push_back(text);
      continue;
    }
    if (made.request.contains(name)) return wrong(name, "is there twice");
    auto value = value_of(*field, text);
    if (!value) return wrong(name, "can't be '" + shown_text(text) + "'");
    made.request[name] = std::move(*value);
  }
  if (auto fine = ask_for_page(route, made); !fine) return fine.error();
  return made;
}

outcome<web_command> command_of_body(const web_route& route, const std::string& body) {
  web_command made{{{"verb", route.what->name}}};
  if (body.empty()) return made;
  auto read = read_json_object(body);
  if (!read) return failure{errc::bad_config, {}, "the body is no JSON object: " + read.error().text};
  for (auto& [name, value] : read->items()) {
    if (name == "password" && find_request_field(route, name)) continue; // it was taken out before
    if (name == "verb" || is_servers_to_say(route, name)) return wrong(name, "is not said over HTTP");
    made.request[name] = std::move(value);
  }
  return made;
}

void take_page(json& answer, std::string_view list, const web_page& wanted) {
  auto found = answer.find(std::string{list});
  if (found == answer.end() || !found->is_array()) return;
  auto& rows = *found;
  if (!wanted.sort.empty()) {
    const bool descends = wanted.sort.starts_with('-');
    const auto field = descends ? wanted.sort.substr(1) : wanted.sort;
    const auto value = [&](const json& row) {
      return row.is_object() && row.contains(field) ? row[field] : json{};
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const json& a, const json& b) {
      return descends ? value(b) < value(a) : value(a) < value(b);
    });
  }
  const auto first = std::min<std::uint64_t>((wanted.page - 1) * wanted.rows, rows.size());
  const auto last = std::min<std::uint64_t>(first + wanted.rows, rows.size());
  const bool more = last < rows.size();
  json page = json::array();
  for (auto at = first; at < last; ++at) page.push_back(std::move(rows[at]));
  rows = std::move(page);
  answer["more"] = more;
}

} // namespace hublink
