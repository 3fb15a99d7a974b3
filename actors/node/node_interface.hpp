#pragma once
/// What a node as a whole may be asked.
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/definition/definition.hpp"
#include "actors/gateway/gateway_interface.hpp"
#include "actors/management/management_interface.hpp"
#include "actors/request/requester.hpp"
#include "actors/routing/route_resolver.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct node_status {
  std::vector<link_status> links;
  bool held = false;    ///< starts no transfers
  bool drained = false; ///< takes nothing new, and ends when nothing is under way
};
/// How a node was drained.
struct drain_report {
  std::size_t left = 0; ///< still under way when the time was up
  std::chrono::milliseconds took{0};
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::definition_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::node_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::drain_report)

namespace hublink {

/// The node's journal: one owner of one file.
using journal_actor = transfer_journal_actor::extend_with<spool_journal_actor>;

/// A node's long-lived actors, which are spoken to directly.
struct node_services {
  route_resolver_actor resolver;
  journal_actor journal;
  job_keeper_actor jobs;
  std::optional<dispatcher_actor> dispatcher; ///< clients
  std::optional<sessions_actor> sessions;     ///< managers
  std::optional<spool_keeper_actor> spools;   ///< servers
  std::optional<gateway_actor> gateway;       ///< servers with the proxy function
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::node_services)

namespace hublink {

/// Finds the link to a neighbour, and the actors of single tasks; starts and ends the node in order.
using supervisor_actor = caf::typed_actor<
    // Once, first of all: takes up what an earlier process left, then serves. They end with the supervisor.
    caf::reacts_to<start_atom, node_services>, caf::reacts_to<link_up>,
    // The hop of that name; its link is dialled when first asked. `where`: the address to dial now.
    caf::replies_to<hop_atom, std::string, endpoints>::with<hop_actor>,
    caf::replies_to<ping_order>::with<ping_report>, caf::replies_to<load_order>::with<load_report>,
    // Whatever this node's part in it is: as the dispatcher's, or as the journal's at a receiver.
    caf::replies_to<cancel_atom, transfer_id>::with<transfer_record>,
    // This node's own, see `requester_actor`.
    caf::replies_to<request_atom, request_order, watcher_actor>::with<transfer_record>,
    // A new session with that client of this server.
    caf::replies_to<sessions_atom, std::string>::with<session_actor>,
    // Acts on that definition from now on; what runs goes on by the one that it began with.
    caf::replies_to<define_atom, definition_ptr>::with<void>,
    // How fast all may be sent together, bytes per second, 0 for no limit.
    caf::reacts_to<rate_atom, std::uint64_t>, caf::replies_to<status_atom>::with<node_status>,
    caf::reacts_to<stop_atom>,
    // Takes nothing new; ends when nothing is under way, or after so long. Answered when it ends.
    caf::replies_to<drain_atom, std::chrono::milliseconds>::with<drain_report>,
    // What nobody goes on with is dropped.
    caf::reacts_to<caf::tick_atom>,
    // A disk has answered.
    caf::reacts_to<done_aside>,
    // As a `return_watcher_actor`.
    caf::reacts_to<returned_atom, std::string, bool>,
    caf::reacts_to<returned_atom, std::string, transfer_id>>;

/// See `supervisor_actor`; told when something has ended, it looks whether anything is under way.
using drainer_actor =
    caf::typed_actor<caf::replies_to<drain_atom, std::chrono::milliseconds>::with<drain_report>,
                     caf::reacts_to<caf::tick_atom>>;

} // namespace hublink
