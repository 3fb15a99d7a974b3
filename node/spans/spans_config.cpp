#include "node/spans/spans_config.hpp"
#include "node/topology/json_fields.hpp"

#include <algorithm>
#include <string_view>

namespace hublink {

namespace {

constexpr std::size_t longest_endpoint = 2048, longest_header = 8192;

/// Of its machine and port nothing is checked: that is for who connects.
bool is_endpoint(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto machine = text.substr(scheme.size(), text.find_first_of("/?#", scheme.size()) - scheme.size());
    return !machine.empty() && machine.front() != ':' && machine.find('@') == machine.npos &&
           text.size() <= longest_endpoint &&
           std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  }
  return false;
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(char(c)) != others.npos;
  });
}

bool is_header_text(std::string_view text) {
  return text.size() <= longest_header &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c < 0x7f; });
}

} // namespace

void read_span_collector(json_fields& fields, std::optional<span_collector>& into) {
  fields.object("traces", [&](json_fields& traces) {
    auto& place = into.emplace();
    traces.require("endpoint", R"(say where spans go: "http://127.0.0.1:4318/v1/traces")");
    place.endpoint = traces.text("endpoint").value_or("");
    if (!place.endpoint.empty() && !is_endpoint(place.endpoint))
      traces.note("endpoint",
                  R"(must be an address such as "http://127.0.0.1:4318/v1/traces"; what proves who )"
                  R"(sends goes into "headers")");
    place.ca = traces.text("ca").value_or("");
    if (auto* headers = traces.get("headers")) {
      const bool is_object = headers->is_object();
      if (is_object)
        for (const auto& [name, value] : headers->items())
          if (is_header_name(name) && value.is_string() &&
              is_header_text(value.get_ref<const std::string&>()))
            place.headers.emplace_back(name, value.get<std::string>());
      if (!is_object || place.headers.size() != headers->size())
        traces.note("headers", R"(must name fields of HTTP and their text: {"Authorization": "Bearer …"})");
    }
    traces.finish();
  });
}

} // namespace hublink
