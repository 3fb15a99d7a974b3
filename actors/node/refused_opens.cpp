#include "actors/node/refused_opens.hpp"

#include <algorithm>

namespace hublink {

namespace {
constexpr std::size_t most_askers = 256;
} // namespace

bool refused_opens::owes() const {
  return std::ranges::any_of(tallies_, [](const auto& entry) { return entry.second.due().has_value(); });
}

std::vector<event::refused> refused_opens::take_sums(const std::string& node, const std::string& peer,
                                                     time now, bool all) {
  std::vector<event::refused> sums;
  for (auto& [asker, tally] : tallies_) {
    if (!tally.due() || (!all && *tally.due() > now + repeat_tally::span / 2)) continue;
    for (const auto& [code, count] : tally.take()) {
      event::refused sum{node,
                         std::to_string(count) + " more opens of " + peer +
                             (asker.empty() ? "" : " for one behind it") +
                             " in the last minute: " + (code.empty() ? "others" : code),
                         count};
      sum.code = errc_from_string(code);
      sums.push_back(std::move(sum));
    }
  }
  std::erase_if(tallies_, [now](const auto& entry) { return entry.second.is_over(now); });
  return sums;
}

repeat_tally& refused_opens::of(const std::string& asker) {
  return tallies_[tallies_.contains(asker) || tallies_.size() < most_askers ? asker : std::string{}];
}

} // namespace hublink
