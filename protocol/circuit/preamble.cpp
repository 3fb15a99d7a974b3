#include "protocol/circuit/preamble.hpp"

#include <algorithm>

namespace hublink {
namespace {
constexpr std::array<std::byte, 4> magic{std::byte{'H'}, std::byte{'L'}, std::byte{'D'}, std::byte{1}};
}

std::array<std::byte, preamble_size> make_preamble(const token& key) {
  std::array<std::byte, preamble_size> made;
  std::ranges::copy(key, std::ranges::copy(magic, made.begin()).out);
  return made;
}

std::optional<token> read_preamble(std::span<const std::byte, preamble_size> data) {
  if (!std::ranges::equal(data.first<magic.size()>(), magic)) return {};
  token key;
  std::ranges::copy(data.last<sizeof(token)>(), key.begin());
  return key;
}

} // namespace hublink
