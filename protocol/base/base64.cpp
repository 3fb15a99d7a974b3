#include "protocol/base/base64.hpp"

namespace hublink {

namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string to_base64(byte_view data) {
  std::string text;
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < data.size() ? std::to_integer<std::uint32_t>(data[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i <= data.size() ? base64_digits[three >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::optional<bytes> from_base64(std::string_view text, padding how) {
  if (how == padding::with) {
    if (text.size() % 4 != 0) return {};
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return {};
  bytes data;
  std::uint32_t bits = 0;
  int count = 0;
  for (auto letter : text) {
    auto digit = base64_digits.find(letter);
    if (digit == std::string_view::npos) return {};
    bits = bits << 6 | std::uint32_t(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    data.push_back(std::byte(bits >> count));
    bits &= (1u << count) - 1;
  }
  if (bits != 0) return {};
  return data;
}

} // namespace hublink
