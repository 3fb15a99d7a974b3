#include "node/web/open_api.hpp"
#include "node/base/json_text.hpp"
#include "node/base/version.hpp"
#include "node/web/web_routes.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using field_kind = request_field::kind;

json schema_of(json_shape shape);

json schema_of_field(const json_field& field) {
  json text{{"type", "string"}};
  switch (field.kind) {
  case json_kind::text:
    return text;
  case json_kind::number:
    return {{"type", "integer"}, {"minimum", 0}};
  case json_kind::flag:
    return {{"type", "boolean"}};
  case json_kind::texts:
    return {{"type", "array"}, {"items", text}};
  case json_kind::text_map:
    return {{"type", "object"}, {"additionalProperties", text}};
  case json_kind::object:
    return schema_of(field.of);
  case json_kind::rows:
    return {{"type", "array"}, {"items", schema_of(field.of)}};
  case json_kind::row_map:
    return {{"type", "object"}, {"additionalProperties", schema_of(field.of)}};
  case json_kind::events:
    break;
  }
  return {{"type", "array"}, {"items", {{"type", "object"}}}};
}

/// Fields may be added: what is not named is no mistake.
json schema_of(json_shape shape) {
  json made{{"type", "object"}, {"properties", json::object()}};
  for (const auto& field : shape) {
    made["properties"][std::string{field.name}] = schema_of_field(field);
    if (field.needed) made["required"].push_back(field.name);
  }
  return made;
}

json schema_of_request(const request_field& field) {
  switch (field.what) {
  case field_kind::flag:
    return {{"type", "boolean"}};
  case field_kind::number: {
    json made{{"type", "integer"}, {"minimum", field.least}};
    if (field.most <= std::uint64_t(INT64_MAX)) made["maximum"] = field.most;
    return made;
  }
  case field_kind::names:
  case field_kind::words:
    return {{"type", "array"}, {"items", {{"type", "string"}}}};
  case field_kind::word:
    return {{"type", "string"}, {"minLength", 1}};
  default:
    return {{"type", "string"}};
  }
}

json parameter(std::string_view name, const json& schema, bool needed, const char* in = "query") {
  return {{"name", name}, {"in", in}, {"required", needed}, {"schema", schema}};
}

json parameters_of(const web_route& route) {
  json all = json::array();
  for (const auto& field : route.what->fields)
    if (is_said(route, field)) all.push_back(parameter(field.name, schema_of_request(field), field.needed));
  if (!route.list.empty()) {
    all.push_back(parameter("sort", {{"type", "string"}}, false));
    all.push_back(parameter("page", {{"type", "integer"}, {"minimum", 1}}, false));
  }
  all.push_back(parameter("at", {{"type", "string"}}, false));
  all.push_back(parameter("network", {{"type", "boolean"}}, false));
  return all;
}

json body_of(const web_route& route) {
  json schema{{"type", "object"}, {"properties", json::object()}};
  for (const auto& field : route.what->fields)
    if (is_said(route, field)) {
      schema["properties"][std::string{field.name}] = schema_of_request(field);
      if (field.needed) schema["required"].push_back(field.name);
    }
  schema["properties"]["at"] = {{"type", "string"}};
  return {{"content", {{"application/json", {{"schema", schema}}}}}};
}

json answer_schema(const web_route& route) {
  auto made = schema_of(route.what->answer);
  made["properties"]["exit"] = {{"type", "integer"}};
  made["properties"]["missing"] = {{"type", "array"}, {"items", {{"type", "object"}}}};
  if (!route.list.empty()) made["properties"]["more"] = {{"type", "boolean"}};
  return made;
}

json said_as(const char* type, const json& schema, const char* what) {
  return {{"description", what}, {"content", {{type, {{"schema", schema}}}}}};
}

json responses(const json& schema, const char* type = "application/json") {
  return {{"200", said_as(type, schema, "done")}, {"default", {{"$ref", "#/components/responses/problem"}}}};
}

json operation_of(const web_route& route) {
  json made{{"operationId", route.what->name}};
  made["x-right"] = route.takes && route.takes->needed ? json(to_string(*route.takes->needed)) : json();
  if (route.posts)
    made["requestBody"] = body_of(route);
  else
    made["parameters"] = parameters_of(route);
  if (route.what->http.once)
    made["parameters"] = json::array({parameter("Idempotency-Key", {{"type", "string"}}, false, "header")});
  made["responses"] = responses(answer_schema(route));
  return made;
}

json named_object(std::initializer_list<const char*> texts) {
  json made{{"type", "object"}, {"properties", json::object()}};
  for (auto name : texts) {
    made["properties"][name] = {{"type", "string"}};
    made["required"].push_back(name);
  }
  return made;
}

json account_schema() {
  auto made = named_object({"user", "node", "role", "network"});
  for (auto list : {"rights", "here", "transfers"})
    made["properties"][list] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  made["properties"]["csrf"] = {{"type", "string"}};
  made["properties"]["until"] = {{"type", "string"}};
  made["properties"]["idle_s"] = {{"type", "integer"}};
  made["properties"]["sessions"] = {{"type", "array"}, {"items", {{"type", "object"}}}};
  return made;
}

void add_workbench_paths(json& paths) {
  const json number{{"type", "integer"}}, object{{"type", "object"}};
  const json place{{"type", {"object", "null"}}, {"properties", {{"x", number}, {"y", number}}}};
  const json places{
      {"type", "object"},
      {"properties", {{"places", {{"type", {"object", "null"}}, {"additionalProperties", place}}}}}};
  const json draft{{"type", "object"},
                   {"properties", {{"version", number}, {"draft", {{"type", {"object", "null"}}}}}}};
  const auto body = [](const json& schema) {
    return json{{"content", {{"application/json", {{"schema", schema}}}}}};
  };
  const auto telling = [](const char* id, const json& schema) {
    return json{{"operationId", id}, {"responses", responses(schema)}};
  };
  paths["/api/v1/places"]["get"] = telling("places", places);
  paths["/api/v1/draft"]["get"] = telling("draft", draft);
  paths["/api/v1/places/keep"]["post"] = {
      {"operationId", "places-keep"}, {"requestBody", body(places)}, {"responses", responses(object)}};
  paths["/api/v1/draft/keep"]["post"] = {
      {"operationId", "draft-keep"}, {"requestBody", body(draft)}, {"responses", responses(draft)}};
}

void add_own_paths(json& paths) {
  const json nobody = json::array();
  const json object{{"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}};
  paths["/api/v1/login"]["post"] = {
      {"operationId", "login"},
      {"security", nobody},
      {"requestBody",
       {{"content", {{"application/json", {{"schema", named_object({"user", "password"})}}}}}}},
      {"responses", responses(account_schema())}};
  paths["/api/v1/logout"]["post"] = {
      {"operationId", "logout"}, {"requestBody", object}, {"responses", responses({{"type", "object"}})}};
  paths["/api/v1/account"]["get"] = {{"operationId", "account"}, {"responses", responses(account_schema())}};
  paths["/api/v1/events"]["get"] = {
      {"operationId", "events"},
      {"parameters", json::array({parameter("transfer", {{"type", "string"}}, false),
                                  parameter("oldest", {{"type", "boolean"}}, false),
                                  parameter("Last-Event-ID", {{"type", "string"}}, false, "header")})},
      {"responses", responses({{"type", "string"}}, "text/event-stream")}};
  add_workbench_paths(paths);
  paths["/api/v1/openapi.json"]["get"] = {
      {"operationId", "openapi"}, {"security", nobody}, {"responses", responses({{"type", "object"}})}};
}

json components() {
  auto fault = named_object({"type", "title", "detail"});
  fault["properties"]["status"] = {{"type", "integer"}};
  fault["properties"]["exit"] = {{"type", "integer"}};
  for (auto name : {"code", "hop"}) fault["properties"][name] = {{"type", "string"}};
  fault["required"].push_back("status");
  return {{"responses", {{"problem", said_as("application/problem+json", fault, "RFC 9457")}}},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
            {"browser", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-hublink"}}}}}};
}

} // namespace

const std::string& open_api() {
  static const auto document = [] {
    json made{{"openapi", "3.1.0"},
              {"info", {{"title", "hublink"}, {"version", std::string{version()}}}},
              {"security", json::array({{{"token", json::array()}}, {{"browser", json::array()}}})},
              {"paths", json::object()}};
    for (const auto& route : web_routes())
      made["paths"][route.path][route.posts ? "post" : "get"] = operation_of(route);
    add_own_paths(made["paths"]);
    made["components"] = components();
    return to_line(made);
  }();
  return document;
}

} // namespace hublink
