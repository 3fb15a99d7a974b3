#include "actors/link/peer_connections.hpp"

#include <algorithm>

namespace hublink {

peer_connection* peer_connections::find(link_id id) {
  auto found = std::ranges::find(*this, id, &peer_connection::id);
  return found == end() ? nullptr : &*found;
}

peer_connection* peer_connections::usable() {
  auto found = std::find_if(rbegin(), rend(), [](const auto& each) { return each.takes_more(); });
  return found == rend() ? nullptr : &*found;
}

bool peer_connections::remove(link_id id) {
  return std::erase_if(*this, [&](const auto& each) { return each.id == id; }) > 0;
}

std::vector<link_id> peer_connections::not_of(std::uint64_t incarnation) const {
  std::vector<link_id> others;
  for (const auto& each : *this)
    if (each.incarnation != incarnation) others.push_back(each.id);
  return others;
}

std::vector<peer_connection*> peer_connections::losers(bool mine_stay) {
  if (std::ranges::count_if(*this, &peer_connection::takes_more) < 2) return {};
  auto winner = std::ranges::find_if(
      *this, [&](const auto& each) { return each.takes_more() && each.dialled == mine_stay; });
  if (winner == end()) winner = std::prev(end()); // same dialler twice: the newest
  if (!winner->alive) return {};
  std::vector<peer_connection*> found;
  for (auto& each : *this)
    if (&each != &*winner && each.takes_more()) found.push_back(&each);
  return found;
}

} // namespace hublink
