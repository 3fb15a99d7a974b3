#pragma once
/// The connections to one neighbour: normally one, for moments two, see docs/internals/link.md. Pure.
#include "actors/ports/data_plane.hpp"

#include <chrono>
#include <vector>

namespace hublink {

struct peer_connection {
  link_id id = 0;
  bool dialled = false;
  std::uint64_t incarnation = 0;
  std::uint16_t version = version_newest;
  std::chrono::steady_clock::time_point heard, asked; ///< last frame; last beat that asked
  bool alive = true;                                  ///< has shown life since a rival came up
  bool we_drain = false, they_drain = false;
  std::uint32_t answering = 0; ///< requests of the peer not answered yet

  bool takes_more() const { return !we_drain && !they_drain; }
};

class peer_connections : public std::vector<peer_connection> {
 public:
  peer_connection* find(link_id id);
  /// The newest that takes more.
  peer_connection* usable();
  bool remove(link_id id); ///< false: it is not there
  /// Those of another process.
  std::vector<link_id> not_of(std::uint64_t incarnation) const;
  /// Of several that take more: those that are to be given up. `mine_stay`: those dialled here stay. None as
  /// long as the winner has shown no life: it may be the corpse of a connection that the peer has lost.
  std::vector<peer_connection*> losers(bool mine_stay);
};

} // namespace hublink
