#include "actors/shared_hops.hpp"
#include "actors/actors.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

// The names of one `open` must fit a link's message.
constexpr std::size_t most_names = 500;

/// Nothing: not by the own tables alone.
std::optional<std::string> first_hop(const definition& self, const target& wanted) {
  std::optional<ip_address> address;
  if (wanted.needs_address) {
    auto known = self.hosts.find(wanted.host);
    if (self.system_resolver || known == self.hosts.end()) return {};
    address = known->second;
  }
  auto hops = choose(self, wanted, address);
  if (!hops || hops->empty()) return {};
  return hops->front().hop;
}

bool can_share(const hop_choice& way, const hop_choice& other) {
  return way.hop.hop == other.hop.hop && !way.hop.tell.empty() && !other.hop.tell.empty() &&
         way.hop.tell.size() + other.hop.tell.size() <= most_names;
}

void share(std::vector<hop_choice>& way, std::vector<hop_choice> other) {
  std::size_t same = 0;
  while (same < way.size() && same < other.size() && can_share(way[same], other[same])) ++same;
  way.resize(same);
  for (std::size_t i = 0; i < same; ++i) {
    for (const auto& name : other[i].hop.tell)
      if (!contains(way[i].hop.tell, name)) way[i].hop.tell.push_back(name);
    way[i].also.push_back(std::move(other[i].hop));
  }
}

} // namespace

const transfer_definition* stores_here(const definition& self, const open& told) {
  auto known = self.transfers.find(told.file.value_or(""));
  bool meant = told.destination.empty() || contains(told.destination, self.node);
  if (known == self.transfers.end() || !meant || !told.only.empty()) return nullptr;
  return known->second.store == store_policy::never ? nullptr : &known->second;
}

bool parts_here(const definition& self, const open& told) {
  if (self.role != role::server) return false;
  auto targets = look(self, told);
  if (targets && stores_here(self, told)) return true;
  if (!targets || targets->size() < 2) return false;
  std::set<std::string> hops;
  for (const auto& wanted : *targets) {
    auto hop = first_hop(self, wanted);
    if (!hop) return true;
    hops.insert(*hop);
  }
  return hops.size() > 1 || targets->size() > most_names;
}

std::vector<std::vector<hop_choice>> share_hops(std::vector<std::vector<hop_choice>> targets) {
  std::vector<std::vector<hop_choice>> ways;
  for (auto& one : targets) {
    if (one.empty()) continue;
    auto shared = std::find_if(ways.begin(), ways.end(),
                               [&](const auto& way) { return can_share(way.front(), one.front()); });
    if (shared == ways.end())
      ways.push_back(std::move(one));
    else
      share(*shared, std::move(one));
  }
  return ways;
}

std::vector<std::string> hosts_of(const hop_choice& way) {
  std::vector<std::string> hosts{way.hop.host};
  for (const auto& other : way.also) hosts.push_back(other.host);
  return hosts;
}

} // namespace hublink
