#include "node/base/nearest_name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace hublink {

std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last, last(to.size() + 1), row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (from[i - 1] != to[j - 1])});
      bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last[to.size()];
}

std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> known) {
  auto limit = std::max<std::size_t>(1, name.size() / 3), least = limit + 1;
  std::optional<std::string_view> nearest;
  for (auto candidate : known) {
    auto [shorter, longer] = std::minmax({name.size(), candidate.size()});
    if (longer - shorter > limit) continue; // nor is a long text compared
    auto distance = edit_distance(name, candidate);
    if (distance >= least || distance >= candidate.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string no_such_command(std::string_view name, std::span<const std::string_view> known,
                            std::string_view hint) {
  constexpr std::size_t most_shown = 60;
  std::string text{name.substr(0, most_shown)};
  text += ": no such command";
  if (auto nearest = nearest_name(name, known))
    text.append("; did you mean ").append(*nearest).append("?");
  else if (!hint.empty())
    text.append("; ").append(hint);
  return text;
}

} // namespace hublink
