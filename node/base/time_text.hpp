#pragma once
/// Points in time as users write and read them.
#include "protocol/base/errors.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace hublink {

/// RFC 3339, UTC, with microseconds, so that traces of several nodes sort: `2026-01-31T12:00:00.000000Z`.
std::string to_rfc3339(std::chrono::system_clock::time_point when);
/// The same for milliseconds since 1970.
std::string to_rfc3339(std::int64_t unix_ms);

/// Milliseconds since 1970: `2026-01-31T12:00:00Z`, `2026-01-31` (its beginning, UTC), or so long before
/// `now_ms`: `90s`, `15m`, `2h`, `7d`. Fails with `bad_config`.
outcome<std::int64_t> parse_time(const std::string& text, std::int64_t now_ms);

/// A span of time: `10`, `10s`, `1.5s`, `10m`, `2h`, `7d`; more than none. Fails with `bad_config`.
outcome<std::chrono::milliseconds> parse_span(const std::string& text);

} // namespace hublink
