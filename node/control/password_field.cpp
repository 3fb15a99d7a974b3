#include "node/control/password_field.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hublink {

namespace {

constexpr std::string_view password_name = "password", json_spaces = " \t\r\n";

/// Behind the text that begins at `at` with its quote; npos: it does not end.
std::size_t end_of_text(std::string_view line, std::size_t at) {
  for (++at; at < line.size() && line[at] != '"'; ++at)
    if (line[at] == '\\') ++at;
  return at < line.size() ? at + 1 : std::string_view::npos;
}

std::optional<std::uint32_t> code_unit(std::string_view text) {
  std::uint32_t unit = 0;
  if (text.size() < 6 || !text.starts_with("\\u")) return {};
  auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (error != std::errc{} || end != text.data() + 6) return {};
  return unit;
}

void append_utf8(std::string& to, std::uint32_t point) {
  if (point < 0x80) return void(to += char(point));
  if (point < 0x800) return void((to += char(0xc0 | point >> 6)) += char(0x80 | (point & 63)));
  if (point < 0x10000)
    to += char(0xe0 | point >> 12);
  else
    (to += char(0xf0 | point >> 18)) += char(0x80 | (point >> 12 & 63));
  (to += char(0x80 | (point >> 6 & 63))) += char(0x80 | (point & 63));
}

/// What stands between the quotes; false: it is no JSON.
bool read_text(std::string_view written, std::string& into) {
  constexpr std::string_view marks = R"("\/bfnrt)", meant = "\"\\/\b\f\n\r\t";
  while (!written.empty()) {
    if (written[0] != '\\') {
      into += written[0];
      written.remove_prefix(1);
    } else if (auto unit = code_unit(written)) {
      auto low = code_unit(written.substr(6));
      bool pair = *unit >= 0xd800 && *unit < 0xdc00 && low && *low >= 0xdc00 && *low < 0xe000;
      if (!pair && *unit >= 0xd800 && *unit < 0xe000) return false;
      append_utf8(into, pair ? 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00) : *unit);
      written.remove_prefix(pair ? 12 : 6);
    } else {
      auto mark = written.size() < 2 ? std::string_view::npos : marks.find(written[1]);
      if (mark == std::string_view::npos) return false;
      into += meant[mark];
      written.remove_prefix(2);
    }
  }
  return true;
}

} // namespace

std::shared_ptr<const hublink::secret> take_password(std::string& line) {
  std::shared_ptr<const hublink::secret> found;
  int depth = 0;
  for (std::size_t at = 0; at < line.size();) {
    depth += (line[at] == '{' || line[at] == '[') - (line[at] == '}' || line[at] == ']');
    if (line[at] != '"') {
      ++at;
      continue;
    }
    auto end = end_of_text(line, at);
    if (end == std::string::npos) break;
    bool named = depth == 1 && std::string_view{line}.substr(at + 1, end - at - 2) == password_name;
    at = end;
    auto colon = line.find_first_not_of(json_spaces, at);
    if (!named || colon == std::string::npos || line[colon] != ':') continue;
    auto begin = line.find_first_not_of(json_spaces, colon + 1);
    if (begin == std::string::npos || line[begin] != '"') continue;
    at = end_of_text(line, begin);
    if (at == std::string::npos) break;
    std::string text;
    text.reserve(at - begin);
    bool fine = read_text(std::string_view{line}.substr(begin + 1, at - begin - 2), text);
    if (fine) found = std::make_shared<const hublink::secret>(std::move(text));
    wipe(text);
    std::fill(line.begin() + std::ptrdiff_t(begin) + 1, line.begin() + std::ptrdiff_t(at) - 1, '*');
  }
  return found;
}

} // namespace hublink
