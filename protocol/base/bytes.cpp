#include "protocol/base/bytes.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::optional<unsigned> digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return {};
}

} // namespace

std::string to_hex(byte_view data) {
  std::string text;
  text.reserve(2 * data.size());
  for (auto each : data) {
    text += digits[std::to_integer<unsigned>(each) >> 4];
    text += digits[std::to_integer<unsigned>(each) & 15];
  }
  return text;
}

std::optional<bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  bytes data;
  data.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    auto high = digit_value(text[i]), low = digit_value(text[i + 1]);
    if (!high || !low) return {};
    data.push_back(std::byte(*high << 4 | *low));
  }
  return data;
}

bool is_transfer_id(std::string_view text) {
  return text.size() == 32 &&
         std::all_of(text.begin(), text.end(), [](char c) { return digits.find(c) != digits.npos; });
}

} // namespace hublink
