#pragma once
/// Where spans go: `traces` of `local.json`; docs/reference/local.md.
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

class json_fields;

struct span_collector {
  std::string endpoint;                                       ///< http:// or https://
  std::vector<std::pair<std::string, std::string>> headers{}; ///< of each request
  std::string ca{};                                           ///< PEM file; empty: the system's
};

void read_span_collector(json_fields& fields, std::optional<span_collector>& into);

} // namespace hublink
