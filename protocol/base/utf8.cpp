#include "protocol/base/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace hublink {
namespace {

struct character {
  std::uint32_t point = 0;
  std::size_t length = 0; ///< bytes; 0: none that UTF-8 knows
};

/// The one at the front.
character first_of(std::string_view text) {
  auto lead = static_cast<std::uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  std::uint32_t point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    point = point << 6 | (next & 0x3F);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least[length] || point > 0x10FFFF || surrogate) return {};
  return {point, length};
}

bool is_control(std::uint32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

/// Length of the printable character at the front; 0 if there is none.
std::size_t printable_length(std::string_view text) {
  auto front = first_of(text);
  return is_control(front.point) ? 0 : front.length;
}

/// Does a terminal or an editor do anything with it but show it? Controls, line and paragraph separators,
/// marks that turn the direction of a text, what has no width, tags, and what Unicode calls no character.
bool acts(std::uint32_t point) {
  struct range {
    std::uint32_t first, last;
  };
  constexpr range acting[] = {{0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
                              {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
                              {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},
                              {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x1BCA0, 0x1BCA3},
                              {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
  if (is_control(point) || (point & 0xFFFE) == 0xFFFE) return true;
  return std::ranges::any_of(acting,
                             [=](const range& each) { return point >= each.first && point <= each.last; });
}

void put_hex(std::string& to, std::uint32_t value, int digits) {
  for (int at = digits - 1; at >= 0; --at) to += "0123456789abcdef"[value >> (4 * at) & 0xF];
}

/// As JSON writes it: `\u202e`; above 16 bits two of them.
void put_escape(std::string& to, std::uint32_t point) {
  if (point > 0xFFFF) {
    put_escape(to, 0xD800 + ((point - 0x10000) >> 10));
    point = 0xDC00 + ((point - 0x10000) & 0x3FF);
  }
  to += "\\u";
  put_hex(to, point, 4);
}

/// `text` with every character that acts escaped; `broken` writes a byte that is no UTF-8.
template <class Broken>
std::string without_acting(std::string_view text, bool keep_lines, Broken broken) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    auto front = first_of(text);
    auto used = std::max<std::size_t>(front.length, 1);
    if (front.length == 0)
      broken(safe, static_cast<std::uint8_t>(text[0]));
    else if (acts(front.point) && !(keep_lines && front.point == '\n'))
      put_escape(safe, front.point);
    else
      safe += text.substr(0, used);
    text.remove_prefix(used);
  }
  return safe;
}

} // namespace

std::string shown_text(std::string_view text) {
  return without_acting(text, false, [](std::string& to, std::uint8_t octet) {
    to += "\\x";
    put_hex(to, octet, 2);
  });
}

std::string shown_json(std::string_view json) {
  return without_acting(json, true, [](std::string& to, std::uint8_t) { put_escape(to, 0xFFFD); });
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    auto length = printable_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string make_printable(std::string_view text, std::size_t limit) {
  std::string clean;
  while (!text.empty()) {
    auto length = printable_length(text);
    auto used = length == 0 ? 1 : length;
    if (clean.size() + used > limit) break;
    if (length == 0)
      clean += '?';
    else
      clean += text.substr(0, length);
    text.remove_prefix(used);
  }
  return clean;
}

} // namespace hublink
