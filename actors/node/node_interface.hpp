#pragma once
/// What a node as a whole may be asked.
#include "actors/broadcast/broadcast_interface.hpp"
#include "actors/definition/definition.hpp"
#include "actors/gateway/gateway_interface.hpp"
#include "actors/management/management_interface.hpp"
#include "actors/request/requester.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <string>
#include <vector>

namespace hublink {

struct node_status {
  std::vector<link_status> links;
  bool held = false; ///< starts no transfers
};

} // namespace hublink

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::definition_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::node_status)

namespace hublink {

/// The node's journal: one owner of one file.
using journal_actor = transfer_journal_actor::extend_with<spool_journal_actor>;

/// Starts the others, finds the link to a neighbour, ends the node in order.
using supervisor_actor = caf::typed_actor<
    caf::reacts_to<link_up>,
    // The hop of that name; its link is dialled when first asked. `where`: the address to
    // dial now.
    caf::replies_to<hop_atom, std::string, endpoint>::with<hop_actor>,
    caf::replies_to<ping_host_atom, std::string>::with<ping_report>,
    caf::replies_to<send_atom, std::string>::with<transfer_record>,
    caf::replies_to<watch_atom, transfer_id, watcher_actor>::with<bool>,
    caf::replies_to<cancel_atom, transfer_id>::with<transfer_record>,
    caf::replies_to<retry_atom, transfer_id>::with<transfer_record>,
    caf::replies_to<hold_atom, bool>::with<bool>,
    // A receiver's request, to this node's sender.
    caf::replies_to<request_atom, send_request>::with<transfer_record>,
    // This node's own, see `requester_actor`.
    caf::replies_to<request_atom, request_order, watcher_actor>::with<transfer_record>,
    // A manager's sessions; `not_authorised` at others.
    caf::replies_to<sessions_atom>::with<sessions_actor>,
    // A new session with that client of this server.
    caf::replies_to<sessions_atom, std::string>::with<session_actor>,
    // Acts on that definition from now on; what runs goes on by the one that it began with.
    caf::replies_to<define_atom, definition_ptr>::with<void>,
    // As the dispatcher's; an empty id: all that the node sends.
    caf::replies_to<rate_atom, transfer_id, std::uint64_t>::with<bool>,
    caf::replies_to<transfer_query>::with<std::vector<transfer_record>>,
    caf::replies_to<status_atom>::with<node_status>, caf::replies_to<gateways_atom>::with<gateway_report>,
    // As the spool keeper's; nothing, and `not_authorised`, at others than servers.
    caf::replies_to<spools_atom>::with<std::vector<stored_transfer>>,
    caf::replies_to<deliver_atom, transfer_id>::with<stored_transfer>, caf::reacts_to<stop_atom>,
    // What nobody goes on with is dropped.
    caf::reacts_to<caf::tick_atom>>;

} // namespace hublink
