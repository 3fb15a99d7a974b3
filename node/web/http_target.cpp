#include "node/web/http_target.hpp"
#include "protocol/base/utf8.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t longest_target = 8192, most_pairs = 64;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return {};
      made += char(high * 16 + low);
      i += 2;
    } else {
      made += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_printable(made)) return {};
  return made;
}

bool is_plain_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  for (std::size_t begin = 1; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return path.size() == 1 || path.back() != '/';
}

bool is_host_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string in_small_letters(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return made;
}

} // namespace

std::optional<http_target> read_target(std::string_view text) {
  if (text.size() > longest_target || text.find('#') != text.npos) return {};
  const auto mark = std::min(text.find('?'), text.size());
  const auto raw = text.substr(0, mark);
  if (raw.find('\\') != raw.npos) return {};
  auto path = decoded(raw, false);
  const auto separators = [](std::string_view of) {
    return std::ranges::count(of, '/') + std::ranges::count(of, '\\');
  };
  if (!path || separators(*path) != separators(raw) || !is_plain_path(*path)) return {};
  http_target made{std::move(*path)};
  for (auto rest = mark < text.size() ? text.substr(mark + 1) : std::string_view{}; !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    rest = end < rest.size() ? rest.substr(end + 1) : std::string_view{};
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals), true);
    auto value = decoded(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{}, true);
    if (!name || !value || name->empty() || made.query.size() == most_pairs) return {};
    made.query.emplace_back(std::move(*name), std::move(*value));
  }
  return made;
}

std::string host_of(std::string_view authority) {
  std::string_view host = authority, port;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == host.npos) return {};
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
    const auto fits = [](unsigned char c) { return hex_value(char(c)) >= 0 || c == ':' || c == '.'; };
    if (!std::ranges::all_of(host, fits)) return {};
    if (!port.empty() && !port.starts_with(':')) return {};
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const auto colon = host.find(':');
    if (colon != host.npos) port = host.substr(colon + 1);
    host = host.substr(0, colon);
    if (!std::ranges::all_of(in_small_letters(host), is_host_letter)) return {};
  }
  if (port.size() > 5 || !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) return {};
  return in_small_letters(host);
}

std::string host_of_origin(std::string_view origin) {
  constexpr std::string_view scheme = "https://";
  return origin.starts_with(scheme) ? host_of(origin.substr(scheme.size())) : std::string{};
}

} // namespace hublink
