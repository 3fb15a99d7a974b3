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
  std::chrono::steady_clock::time_point heard, asked;     ///< last frame; last beat that asked
  std::chrono::steady_clock::time_point unanswered_since; ///< the first of those beats since the last frame
  bool alive = true;                                      ///< has shown life since a rival came up
  bool we_drain = false, they_drain = false;
  std::uint32_t answering = 0; ///< requests of the peer not answered yet

  bool takes_more() const { return !we_drain && !they_drain; }
  /// A sign of life is asked for.
  void ask(std::chrono::steady_clock::time_point now) {
    if (asked <= heard) unanswered_since = now;
    asked = now;
  }
  /// It was asked, and has given no sign for longer than anybody needs who is well.
  bool is_in_doubt(std::chrono::steady_clock::time_point now) const {
    constexpr std::chrono::seconds slow_answer{3};
    return asked > heard && now - unanswered_since >= slow_answer;
  }
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
