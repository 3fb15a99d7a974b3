#pragma once
/// What the actors of broadcasts may be asked.
#include "actors/broadcast/receiver_ways.hpp"
#include "actors/broadcast/spool_record.hpp"
#include "actors/circuit/circuit_interface.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <string>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::receiver_ways::course_end)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::receiver_ways::course_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::spool_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::spool_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::stored_transfer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::stored_transfer>)

namespace hublink {

/// One broadcast at its point: the circuit from the sender's side.
using broadcast_point_actor =
    circuit_actor::extend<caf::reacts_to<caf::tick_atom>,
                          // Ends it, branches too: a later attempt waits.
                          caf::reacts_to<stop_atom>,
                          // The board has new ones.
                          caf::reacts_to<results_atom>,
                          // One of its branches has ended.
                          caf::reacts_to<receiver_ways::course_end>,
                          // One of them does not make way.
                          caf::reacts_to<receiver_ways::course_kept>,
                          // It is the next receiver's turn.
                          caf::reacts_to<start_atom>,
                          // Goes on with what the journal kept, or asks those again for whom the store waits.
                          caf::reacts_to<resume_atom, transfer_key>>;

/// Keeps a server's broadcasts beyond their circuits: takes them up at the start, asks receivers again for
/// whom the store waits, brings late results to their senders, drops what nobody goes on with.
using spool_keeper_actor = caf::typed_actor<
    // Once, before the node serves; then all that is left of an earlier process is known.
    caf::replies_to<recover_atom>::with<void>, caf::reacts_to<caf::tick_atom>,
    // A neighbour is there: perhaps something waits for it.
    caf::reacts_to<neighbour_atom, std::string>,
    // What the store keeps for receivers, oldest first.
    caf::replies_to<spools_atom>::with<std::vector<stored_transfer>>,
    // Asks the receivers of what has that id now, also for what is held back; fails if nothing has.
    caf::replies_to<deliver_atom, transfer_id>::with<stored_transfer>>;

/// Owns what a broadcast point knows of its spools. Answers come only after the change is durable.
using spool_journal_actor = caf::typed_actor<
    // What is new of one.
    caf::replies_to<save_atom, spool_change>::with<void>,
    // It is gone.
    caf::reacts_to<caf::delete_atom, transfer_key>,
    // At the start: all.
    caf::replies_to<spools_atom>::with<std::vector<spool_record>>>;

/// Asks a sender to come for the results that a broadcast point has for it.
using recaller_actor = circuit_owner::extend<
    // Answers with the state of the transfer there.
    caf::replies_to<recall_atom, open>::with<transfer_record>>;

/// One circuit from a broadcast point onward.
using branch_actor = circuit_owner::extend<caf::reacts_to<start_atom>, caf::reacts_to<stop_atom>,
                                           // Others would join it: ends, to be made anew, unless it has
                                           // brought too much for that.
                                           caf::reacts_to<suspend_atom>>;

} // namespace hublink
