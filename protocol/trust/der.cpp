#include "protocol/trust/der.hpp"

namespace hublink {
namespace {

constexpr auto long_form = std::byte{0x80};
constexpr std::size_t longest_length = 3; ///< bytes: up to 16 MiB

struct value_head {
  std::size_t size = 0, content = 0;
};

/// Nothing if there is none, or its content is not all there.
std::optional<value_head> read_value_head(byte_view from) {
  if (from.size() < 2) return {};
  if ((from[1] & long_form) == std::byte{0}) {
    value_head found{2, std::to_integer<std::size_t>(from[1])};
    return found.content <= from.size() - found.size ? std::optional{found} : std::nullopt;
  }
  auto count = std::to_integer<std::size_t>(from[1] & ~long_form);
  if (count == 0 || count > longest_length || from.size() < 2 + count) return {};
  value_head found{2 + count, 0};
  for (auto part : from.subspan(2, count))
    found.content = found.content << 8 | std::to_integer<std::size_t>(part);
  bool shortest = from[2] != std::byte{0} && found.content >= std::to_integer<std::size_t>(long_form);
  return shortest && found.content <= from.size() - found.size ? std::optional{found} : std::nullopt;
}

} // namespace

der::value der_reader::take(der::tag expected) {
  auto found = !failed_ && is_next(expected) ? read_value_head(rest_) : std::nullopt;
  if (!found) {
    failed_ = true;
    return {};
  }
  auto whole = rest_.first(found->size + found->content);
  rest_ = rest_.subspan(whole.size());
  return {whole, whole.subspan(found->size)};
}

bool is_positive_integer(byte_view content, std::size_t most) {
  if (content.empty() || content.size() > most) return false;
  bool negative = (content[0] & std::byte{0x80}) != std::byte{0};
  bool zero_first = content[0] == std::byte{0};
  if (negative || (zero_first && content.size() == 1)) return false;
  return !zero_first || (content[1] & std::byte{0x80}) != std::byte{0};
}

} // namespace hublink
