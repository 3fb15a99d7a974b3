#include "actors/routing/branching.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

namespace hublink {

namespace {

using names = std::vector<std::string>;

// The names of one `open` must fit a link's message, with what else it says.
constexpr std::size_t most_names = 4'096, most_bytes = max_frame - 8 * 1024, most_beside_name = 3;

std::size_t length_of(const names& all) {
  return std::accumulate(all.begin(), all.end(), std::size_t{0},
                         [](auto sum, const auto& name) { return sum + name.size() + most_beside_name; });
}

/// A way in the making.
struct shared_way {
  struct told_names {
    std::set<std::string> names;
    std::size_t length = 0;
  };
  std::vector<hop_choice> choices;
  std::vector<told_names> tells{}; ///< one for each of them
};

bool can_share(const shared_way& way, std::size_t at, const hop_choice& other) {
  const auto& choice = way.choices[at];
  return choice.hop.hop == other.hop.hop && !choice.hop.tell.empty() && !other.hop.tell.empty() &&
         way.tells[at].names.size() + other.hop.tell.size() <= most_names &&
         way.tells[at].length + length_of(other.hop.tell) <= most_bytes;
}

shared_way begin_way(std::vector<hop_choice> choices) {
  shared_way way{std::move(choices)};
  for (const auto& choice : way.choices)
    way.tells.push_back({{choice.hop.tell.begin(), choice.hop.tell.end()}, length_of(choice.hop.tell)});
  return way;
}

void share(shared_way& way, std::vector<hop_choice> other) {
  std::size_t same = 0;
  while (same < way.choices.size() && same < other.size() && can_share(way, same, other[same])) ++same;
  way.choices.resize(same);
  way.tells.resize(same);
  for (std::size_t i = 0; i < same; ++i) {
    for (const auto& name : other[i].hop.tell) {
      if (!way.tells[i].names.insert(name).second) continue;
      way.tells[i].length += name.size() + most_beside_name;
      way.choices[i].hop.tell.push_back(name);
    }
    way.choices[i].also.push_back(std::move(other[i].hop));
  }
}

} // namespace

const transfer_definition* stores_here(const definition& self, const open& request) {
  auto known = self.transfers.find(request.file.value_or(""));
  bool meant = request.destination.empty() || contains(request.destination, self.node);
  if (known == self.transfers.end() || !meant || !request.only.empty()) return nullptr;
  const bool passes_on = stands_in(self, request) || known->second.policy.store == store_policy::never;
  return passes_on ? nullptr : &known->second;
}

bool stands_in(const definition& self, const open& request) {
  auto known = self.transfers.find(request.file.value_or(""));
  return known != self.transfers.end() && !known->second.instead.empty();
}

bool parts_here(const std::vector<way>& ways) {
  if (ways.size() < 2) return false;
  std::set<std::string> hops;
  names hosts;
  for (const auto& way : ways) {
    bool found = way.hops && *way.hops && !(*way.hops)->empty();
    if (!found) return true;
    hops.insert((*way.hops)->front().hop);
    hosts.push_back(way.wanted.host);
  }
  return hops.size() > 1 || !fit_a_message(hosts);
}

std::vector<std::vector<hop_choice>> share_hops(std::vector<std::vector<hop_choice>> targets) {
  std::vector<shared_way> shared;
  std::unordered_map<std::string, std::size_t> by_hop; ///< the last one of each hop: earlier ones are full
  for (auto& choices : targets) {
    if (choices.empty()) continue;
    auto known = by_hop.find(choices.front().hop.hop);
    if (known != by_hop.end() && can_share(shared[known->second], 0, choices.front())) {
      share(shared[known->second], std::move(choices));
      continue;
    }
    by_hop[choices.front().hop.hop] = shared.size();
    shared.push_back(begin_way(std::move(choices)));
  }
  std::vector<std::vector<hop_choice>> ways;
  ways.reserve(shared.size());
  for (auto& way : shared) ways.push_back(std::move(way.choices));
  return ways;
}

bool fit_a_message(const names& all) { return all.size() <= most_names && length_of(all) <= most_bytes; }

std::vector<std::string> hosts_of(const hop_choice& way) {
  std::vector<std::string> hosts{way.hop.host};
  for (const auto& other : way.also) hosts.push_back(other.host);
  return hosts;
}

} // namespace hublink
