#include "node/base/byte_amounts.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace hublink {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t bytes;
};

/// Largest first.
constexpr std::array<unit, 7> units{{{"GiB", 1ull << 30},
                                     {"GB", 1'000'000'000},
                                     {"MiB", 1ull << 20},
                                     {"MB", 1'000'000},
                                     {"KiB", 1ull << 10},
                                     {"KB", 1'000},
                                     {"B", 1}}};

/// The unit's name, `""` included, as bytes.
std::optional<std::uint64_t> bytes_of(std::string_view name) {
  if (name.empty()) return 1;
  for (const auto& each : units)
    if (each.name == name) return each.bytes;
  return {};
}

} // namespace

std::optional<std::uint64_t> parse_byte_amount(std::string_view text) {
  std::uint64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return {};
  auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (name.starts_with(' ')) name.remove_prefix(1);
  auto bytes = bytes_of(name);
  if (!bytes || count > std::numeric_limits<std::uint64_t>::max() / *bytes) return {};
  return count * *bytes;
}

std::optional<std::uint64_t> parse_byte_rate(std::string_view text) {
  constexpr std::string_view per_second = "/s";
  if (text.ends_with(per_second)) {
    text.remove_suffix(per_second.size());
  } else if (text.find_first_not_of("0123456789") != text.npos) {
    return {}; // an amount with a unit is no rate
  }
  return parse_byte_amount(text);
}

std::string byte_amount_text(std::uint64_t bytes) {
  for (const auto& each : units)
    if (bytes >= each.bytes && bytes % each.bytes == 0)
      return std::to_string(bytes / each.bytes) + std::string{each.name};
  return "0B";
}

std::string byte_rate_text(std::uint64_t bytes_per_second) {
  return byte_amount_text(bytes_per_second) + "/s";
}

} // namespace hublink
