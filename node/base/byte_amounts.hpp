#pragma once
/// Amounts of bytes and rates as people write them: `64MB`, `64MiB`, `20MB/s`, or a plain number of bytes.
/// Units: B, KB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024); a whole number before them. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hublink {

/// Nothing for anything else, and for what does not fit.
std::optional<std::uint64_t> parse_byte_amount(std::string_view text);
/// Bytes per second.
std::optional<std::uint64_t> parse_byte_rate(std::string_view text);

/// As the parsers read it, in the largest unit that says it exactly: 20000000 is `20MB`.
std::string byte_amount_text(std::uint64_t bytes);
std::string byte_rate_text(std::uint64_t bytes_per_second);

/// Slower than this a single chunk would take minutes.
inline constexpr std::uint64_t least_rate = 1000, most_rate = 1'000'000'000'000;

} // namespace hublink
