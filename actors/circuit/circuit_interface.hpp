#pragma once
/// What the actors of circuits may be asked.
#include "actors/circuit/active_opens.hpp"
#include "actors/link/link_interface.hpp"
#include "actors/ports/event_log.hpp"
#include "actors/routing/way_plan.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// An `open` as the local hop hands it to the actor that serves it.
struct arrived_open {
  open request;
  way_plan plan;
  std::string from{}; ///< the neighbour that asks
  endpoints asker{};  ///< its data port, where it can't dial and waits to be dialled back
  /// Written down, and what follows from it, once the circuit stands; not at all if it never does.
  std::optional<event::told> untold{};
  active_opens::claim active{}; ///< of the names that were told
};

/// Begins a ping of that host.
struct ping_order {
  std::string host;
};
/// The result of a ping.
struct ping_report {
  std::string host;
  std::vector<hop_time> path{}; ///< nearest first
  std::uint32_t micros = 0;     ///< until the whole circuit was there
};

/// Loads the lines of the way to that host, one after the other.
struct load_order {
  std::string host;
  std::chrono::milliseconds time{};      ///< each
  std::optional<arrived_open> goes_on{}; ///< for whom this node only carries on
};
/// What they are like: of one line at least.
struct load_report {
  std::string host;
  line_rates rates;
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::arrived_open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::ping_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::ping_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::load_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::load_report)

namespace hublink {

/// One circuit through, into or out of this node.
using circuit_actor = circuit_owner::extend<
    // Begins the circuit's work; the answer is the hop's.
    caf::replies_to<arrived_open>::with<opened>, caf::reacts_to<abandon>>;

using ping_actor = circuit_owner::extend<caf::replies_to<ping_order>::with<ping_report>>;
/// Ends with who asked it. A tick: its time is up.
using load_actor =
    circuit_owner::extend<caf::replies_to<load_order>::with<load_report>, caf::reacts_to<caf::tick_atom>>;
/// A tick: is the time up?
using load_point_actor = circuit_actor::extend<caf::reacts_to<caf::tick_atom>>;

} // namespace hublink
