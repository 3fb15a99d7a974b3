#pragma once
/// Byte strings, hex, fixed-size ids.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

using bytes = std::vector<std::byte>;
using byte_view = std::span<const std::byte>;

inline byte_view as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}
inline std::string_view as_text(byte_view data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// Lower-case hex.
std::string to_hex(byte_view data);
/// Nothing if `text` is not an even number of hex digits.
std::optional<bytes> from_hex(std::string_view text);

/// Big-endian, as on the wire.
template <class T>
void put_be(std::byte* at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = std::byte(value >> (8 * (sizeof(T) - 1 - i)));
}
template <class T>
T get_be(const std::byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = T(value << 8) | T(at[i]);
  return value;
}

/// One-time key to a circuit's data socket; see docs/protocol/links.md, "Data sockets".
using token = std::array<std::byte, 32>;

/// A transfer's id for its whole journey: 32 lower-case hex digits, of which the first 12 are the time of its
/// making in ms, so that ids sort by age.
using transfer_id = std::string;
bool is_transfer_id(std::string_view text);

} // namespace hublink
