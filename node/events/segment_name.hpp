#pragma once
/// The files of a folder of events: `2026-11-29.jsonl`, later parts of a day `2026-11-29-2.jsonl`, and what
/// was there before there were segments `2026-11-29-0.jsonl`; compressed with `.gz` behind that. Pure but for
/// the listing.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct segment_name {
  std::string day; ///< UTC
  int part = 1;
  bool packed = false; ///< compressed

  auto operator<=>(const segment_name&) const = default;
  std::string text() const;
  static std::optional<segment_name> parse(std::string_view text);
};

/// `2026-11-29`
std::string day_text(std::chrono::system_clock::time_point when);

/// In the order of days and parts. Of a part that is there both ways, which a stop in between leaves, the
/// compressed one alone.
std::vector<segment_name> segments_in(const std::filesystem::path& folder);

} // namespace hublink
