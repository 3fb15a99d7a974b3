#include "node/events/segment_name.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace hublink {

namespace {

constexpr std::string_view plain_end = ".jsonl", packed_end = ".jsonl.gz", day_form = "dddd-dd-dd";

bool is_day(std::string_view text) {
  return text.size() == day_form.size() && std::ranges::equal(text, day_form, [](char given, char wanted) {
           return wanted == '-' ? given == '-' : given >= '0' && given <= '9';
         });
}

} // namespace

std::string segment_name::text() const {
  return day + (part == 1 ? "" : "-" + std::to_string(part)) + std::string{packed ? packed_end : plain_end};
}

std::optional<segment_name> segment_name::parse(std::string_view text) {
  segment_name name;
  name.packed = text.ends_with(packed_end);
  if (!name.packed && !text.ends_with(plain_end)) return {};
  text.remove_suffix(name.packed ? packed_end.size() : plain_end.size());
  if (!is_day(text.substr(0, day_form.size()))) return {};
  name.day = text.substr(0, day_form.size());
  text.remove_prefix(day_form.size());
  if (text.empty()) return name;
  if (text.front() != '-') return {};
  text.remove_prefix(1);
  auto [stop, wrong] = std::from_chars(text.data(), text.data() + text.size(), name.part);
  if (wrong != std::errc{} || stop != text.data() + text.size() || name.part < 0 || name.part == 1) return {};
  return name;
}

std::string day_text(std::chrono::system_clock::time_point when) {
  auto seconds = std::chrono::system_clock::to_time_t(when);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &utc)};
}

std::vector<segment_name> segments_in(const std::filesystem::path& folder) {
  std::vector<segment_name> found;
  std::error_code problem;
  for (std::filesystem::directory_iterator entry{folder, problem}, end; !problem && entry != end;
       entry.increment(problem))
    if (auto name = segment_name::parse(entry->path().filename().string())) found.push_back(*name);
  std::ranges::sort(found);
  for (std::size_t i = 1; i < found.size();)
    if (found[i].day == found[i - 1].day && found[i].part == found[i - 1].part)
      found.erase(found.begin() + std::ptrdiff_t(i) - 1); // false sorts before true
    else
      ++i;
  return found;
}

} // namespace hublink
