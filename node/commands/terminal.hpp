#pragma once
/// What standard output is, and how texts look there: a person's terminal gets local times, short ids,
/// columns that fit and colours; a pipe gets the same text everywhere.
#include <cstddef>
#include <string>
#include <string_view>

namespace hublink {

struct terminal {
  bool is_one = false, has_colours = false;
  std::size_t columns = 80;

  /// Standard output, as it is now. Colours are off with NO_COLOR, or TERM=dumb.
  static terminal of_output();
};

/// `2026-11-29 21:30:05`, local; what is no such time stays.
std::string local_time(const std::string& rfc3339);
/// Local at a terminal, as it is elsewhere.
std::string shown_time(const terminal& at, const std::string& rfc3339);

/// What a state means for who looks: all is well, it is under way, something is wrong.
enum class mood { plain, good, busy, bad };
mood mood_of(std::string_view state);

} // namespace hublink
