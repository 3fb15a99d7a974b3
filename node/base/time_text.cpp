#include "node/base/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace hublink {

namespace {

std::int64_t seconds_in(char unit) {
  switch (unit) {
  case 's':
    return 1;
  case 'm':
    return 60;
  case 'h':
    return 3600;
  case 'd':
    return 86'400;
  default:
    return 0;
  }
}

/// The whole text in that format, UTC.
bool read_date(const std::string& text, const char* format, std::int64_t& seconds) {
  std::tm when{};
  auto* end = ::strptime(text.c_str(), format, &when);
  if (!end || *end != '\0') return false;
  seconds = ::timegm(&when);
  return true;
}

} // namespace

std::string to_rfc3339(std::chrono::system_clock::time_point when) {
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
  std::time_t seconds = us / 1'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%06dZ", int(us % 1'000'000));
  return text;
}

std::string to_rfc3339(std::int64_t unix_ms) {
  return to_rfc3339(std::chrono::system_clock::time_point{std::chrono::milliseconds{unix_ms}});
}

outcome<std::chrono::milliseconds> parse_span(const std::string& text) {
  auto number = text;
  std::int64_t unit = 1;
  if (!text.empty() && seconds_in(text.back()) > 0) {
    unit = seconds_in(text.back());
    number.pop_back();
  }
  double count = 0;
  auto [stop, wrong] = std::from_chars(number.data(), number.data() + number.size(), count);
  bool whole = !number.empty() && wrong == std::errc{} && stop == number.data() + number.size();
  constexpr double longest = 1e9; // seconds
  if (!whole || !(count > 0) || count * double(unit) > longest)
    return {errc::bad_config, "'" + text + "' is no span of time such as 10, 10s, 10m or 2h"};
  return std::chrono::milliseconds{std::max<std::int64_t>(1, std::int64_t(count * double(unit) * 1000))};
}

outcome<std::int64_t> parse_time(const std::string& text, std::int64_t now_ms) {
  std::int64_t seconds = 0;
  for (auto format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"})
    if (read_date(text, format, seconds)) return seconds * 1000;
  auto unit = text.empty() ? 0 : seconds_in(text.back());
  auto* last = text.data() + text.size() - (text.empty() ? 0 : 1);
  std::uint32_t count = 0;
  auto [stop, wrong] = std::from_chars(text.data(), last, count);
  if (unit > 0 && wrong == std::errc{} && stop == last) return now_ms - std::int64_t(count) * unit * 1000;
  return {errc::bad_config,
          "'" + text + "' is no time such as 2026-01-31T12:00:00Z, 2026-01-31, or 15m, 2h, 7d (ago)"};
}

} // namespace hublink
