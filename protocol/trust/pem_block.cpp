#include "protocol/trust/pem_block.hpp"

#include <string>

namespace hublink {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Canonical base64 with line ends anywhere; nothing if it is longer than `most` bytes.
std::optional<bytes> decode_base64(std::string_view text, std::size_t most) {
  bytes made;
  std::uint32_t held = 0;
  int count = 0, padding = 0; // of base64_digits in `held`; of `=`
  for (auto each : text) {
    if (each == '\n' || each == '\r') continue;
    auto digit = each == '=' ? std::size_t(0) : base64_digits.find(each);
    bool padded = each == '=';
    if (digit == base64_digits.npos || (padded ? count < 2 : padding > 0)) return {};
    padding += padded;
    held = held << 6 | std::uint32_t(digit);
    if (++count < 4) continue;
    if (held & ((1u << 8 * padding) - 1)) return {}; // bits that say nothing
    for (int i = 2; i >= padding; --i) made.push_back(std::byte(held >> (8 * i)));
    if (made.size() > most) return {};
    held = 0, count = 0;
    if (padding > 0) padding = 3; // nothing may follow
  }
  if (count != 0) return {};
  return made;
}

} // namespace

std::optional<bytes> read_pem_block(std::string_view text, std::string_view label, std::size_t most) {
  auto begin = "-----BEGIN " + std::string{label} + "-----", end = "-----END " + std::string{label} + "-----";
  auto at = text.find(begin);
  if (at == text.npos) return {};
  text.remove_prefix(at + begin.size());
  auto until = text.find(end);
  if (until == text.npos) return {};
  auto made = decode_base64(text.substr(0, until), most);
  if (!made || made->empty()) return {};
  return made;
}

} // namespace hublink
