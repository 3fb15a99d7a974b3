#include "protocol/base/utf8.hpp"

#include <cstdint>

namespace hublink {
namespace {

/// Length of the printable character at the front; 0 if there is none.
std::size_t printable_length(std::string_view text) {
  auto lead = static_cast<std::uint8_t>(text[0]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  std::uint32_t point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    point = point << 6 | (next & 0x3F);
  }
  constexpr std::uint32_t least[] = {0, 0, 0xA0, 0x800, 0x10000}; // two bytes below 0xA0: C1 controls
  bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < least[length] || point > 0x10FFFF || surrogate ? 0 : length;
}

} // namespace

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
