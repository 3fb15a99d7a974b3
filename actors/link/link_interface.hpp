#pragma once
/// What links, and the hops behind them, may be asked.
#include "actors/base/atoms.hpp"
#include "actors/base/failures.hpp"
#include "actors/ports/data_plane.hpp"

#include <string>

namespace hublink {

/// How one neighbour's link does; for `status`.
struct link_status {
  std::string peer;
  role peer_role = role::server;
  bool up = false;
  std::uint32_t circuits = 0;
  std::string twin{};     ///< there are two of that name; empty: not as far as is known
  std::uint64_t lost = 0; ///< how often it broke, since the node's start
};

/// How a link's neighbour stands to this node by the definition in force.
struct link_terms {
  bool can_dial = true; ///< false: the peer dials out, this side waits for it
  bool keep = false;    ///< never idle; redialled if this side can dial
  bool wanted = true;   ///< false: the peer is no neighbour any more; closed once nothing goes over it, and
                        ///< soon in any case
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_terms)

namespace hublink {

/// The next hop, wherever it is: in this process, at the far end of a link, or simulated.
using hop_actor = caf::typed_actor<
    // Makes the rest of a circuit; fails with a `failure` (see `to_failure`).
    caf::replies_to<open>::with<opened>,
    // Ends what an earlier `open` of that key began; no answer.
    caf::reacts_to<abandon>>;

/// A neighbour's hop as seen from here. Every asker is monitored; if the link fails it gets `hop_lost`.
using link_actor = hop_actor::extend<
    // Where to dial for what is asked next.
    caf::reacts_to<dial_atom, endpoints>,
    // Comes up, unless it is; once, if it can.
    caf::reacts_to<dial_atom>,
    // Tells the peer that what it was refused for that transfer may be there again.
    caf::reacts_to<returned_atom, transfer_id>,
    // How it is to behave from now on.
    caf::reacts_to<define_atom, link_terms>, caf::reacts_to<link_up>, caf::reacts_to<link_down>,
    caf::reacts_to<link_received>,
    // Heartbeats, expiry of requests, idle close.
    caf::reacts_to<caf::tick_atom>, caf::replies_to<status_atom>::with<link_status>>;

/// The only actor that a neighbour can reach.
using local_hop_actor = hop_actor::extend<
    // How many circuits it holds.
    caf::replies_to<count_atom>::with<std::uint32_t>,
    // There is another definition: what the peer may not ask for by it is ended, soon.
    caf::reacts_to<define_atom>,
    // It is soon.
    caf::reacts_to<resume_atom>,
    // Its link is gone: ends all that was made over it.
    caf::reacts_to<hop_lost>,
    // What was refused again and again is summed up.
    caf::reacts_to<caf::tick_atom>>;

/// Who hears that something is there again.
using return_watcher_actor = caf::typed_actor<
    // That neighbour has a connection; true: of another process than the last one.
    caf::reacts_to<returned_atom, std::string, bool>,
    // That neighbour says so of what it refused for that transfer.
    caf::reacts_to<returned_atom, std::string, transfer_id>>;

/// Who knows the addresses of this node's neighbours, clients or home server.
using address_finder_actor = caf::typed_actor<
    // Where that one is dialled now, best first; fails with a `failure`.
    caf::replies_to<locate_atom, std::string>::with<endpoints>>;

/// Who knows the links of this node.
using hop_finder_actor = caf::typed_actor<
    // The hop of that name; its link is dialled when first asked. `where`: the addresses to dial now.
    caf::replies_to<hop_atom, std::string, endpoints>::with<hop_actor>>;

} // namespace hublink
