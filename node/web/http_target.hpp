#pragma once
/// What a request asks for: a path, and a query. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hublink {

struct http_target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query{};
};

/// Nothing where it is not `/path?query` in one reading only: what is no UTF-8, has controls, steps (`.`,
/// `..`), empty parts or encoded separators in its path, or is too long.
std::optional<http_target> read_target(std::string_view text);

/// That address without its port, in lower case: of a field `Host`. Empty where it is none.
std::string host_of(std::string_view authority);
/// Of a field `Origin` of https; empty where it is none.
std::string host_of_origin(std::string_view origin);

} // namespace hublink
