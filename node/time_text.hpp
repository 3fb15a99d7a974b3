#pragma once
/// Points in time as users write them.
#include "protocol/errors.hpp"

#include <cstdint>
#include <string>

namespace hublink {

/// Milliseconds since 1970: `2026-01-31T12:00:00Z`, `2026-01-31` (its beginning, UTC), or so long before
/// `now_ms`: `90s`, `15m`, `2h`, `7d`. Fails with `bad_config`.
outcome<std::int64_t> parse_time(const std::string& text, std::int64_t now_ms);

} // namespace hublink
