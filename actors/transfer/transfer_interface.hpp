#pragma once
/// What the actors of transfers may be asked.
#include "actors/base/atoms.hpp"
#include "actors/base/failures.hpp"
#include "actors/ports/data_plane.hpp"
#include "actors/ports/disk_desk.hpp"
#include "actors/transfer/transfer_record.hpp"

#include <string>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_key)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::transfer_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::tally_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_tally)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::receiver_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::publication>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::job_kind)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::job_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::send_request)

namespace hublink {

/// The sending end of one transfer.
using sender_actor =
    circuit_owner::extend<caf::reacts_to<start_atom>,
                          // Instead: makes no attempt, the transfer ends with that failure.
                          caf::reacts_to<give_up_atom, failure>,
                          // Ends the attempt; the next one lets the receiver settle the transfer.
                          caf::reacts_to<cancel_atom>,
                          // Ends the attempt at the receiver's next checkpoint, and leaves the transfer
                          // queued.
                          caf::reacts_to<suspend_atom>,
                          // From now on: bytes per second, 0 for no limit.
                          caf::reacts_to<rate_atom, std::uint64_t>,
                          // Has anything moved since the last look?
                          caf::reacts_to<beat_atom>>;

/// Owns what the node knows of its transfers. Answers come only after the change is durable.
using transfer_journal_actor = caf::typed_actor<
    // A new transfer of this node as sender: gives it its sequence. One whose `request` is served already:
    // answers with the transfer that serves it, and nothing is new.
    caf::replies_to<enqueue_atom, transfer_record>::with<transfer_record>,
    // Writes the record down as it is now.
    caf::replies_to<save_atom, transfer_record>::with<void>,
    // A sender's: these receivers alone, the rest of the record is as before.
    caf::replies_to<save_atom, receiver_changes>::with<void>,
    // That transfer of this node serves that request, unless another one does.
    caf::replies_to<request_atom, send_request, transfer_id>::with<void>,
    // Progress, in memory only.
    caf::reacts_to<note_atom, transfer_key, transfer_progress>,
    // Receiver: is this offer wanted? `already_done` with the stored receipt, `refuse` as superseded,
    // replayed or busy; else the record is kept as running.
    caf::replies_to<admit_atom, transfer_offer>::with<verdict>,
    // Receiver: the rename comes next.
    caf::replies_to<save_atom, publication>::with<void>,
    // Receiver: that publication is done.
    caf::replies_to<commit_atom, transfer_key>::with<void>,
    // Receiver: refuse the transfers of that id from now on, unless they are done or about to be; answers
    // with the record of one.
    caf::replies_to<cancel_atom, transfer_id>::with<transfer_record>,
    // At start: what was being received waits for its sender; answers with the publications whose commit is
    // missing.
    caf::replies_to<recover_atom>::with<std::vector<publication>>,
    // Does this node start no transfers? Outlives the node. Set it, or ask.
    caf::replies_to<hold_atom, bool>::with<bool>, caf::replies_to<hold_atom>::with<bool>,
    // How a transfer's job ended; it is due no more.
    caf::replies_to<save_atom, transfer_key, job_report>::with<void>,
    // Listings, newest first, with all changes that were asked for before.
    caf::replies_to<transfer_query>::with<std::vector<transfer_record>>,
    caf::replies_to<tally_query>::with<transfer_tally>, caf::reacts_to<caf::tick_atom>>;

/// Runs this node's jobs.
using job_keeper_actor = caf::typed_actor<
    // Runs that job of the transfer; answers how it ended, once that is in the journal. Asked again
    // meanwhile, it answers with the same run.
    caf::replies_to<run_atom, job_kind, transfer_record>::with<job_report>,
    // At start: what is due.
    caf::reacts_to<recover_atom>>;

/// Gets every change of a transfer that it watches.
using watcher_actor = caf::typed_actor<caf::reacts_to<transfer_record>>;

/// Starts senders as the node's limit allows.
using dispatcher_actor = caf::typed_actor<
    // Once, at the start: what was queued or running goes on.
    caf::reacts_to<recover_atom>,
    // Journals a send of that file ID; `unknown_file`, `file_missing`, `file_denied`.
    caf::replies_to<send_atom, std::string>::with<transfer_record>,
    // Tells the watcher from now on, and its present state at once. False: no such transfer is active.
    caf::replies_to<watch_atom, transfer_id, watcher_actor>::with<bool>,
    // How fast that transfer may be sent, bytes per second, 0 for no limit, its further attempts included.
    // False: no such transfer is active.
    caf::replies_to<rate_atom, transfer_id, std::uint64_t>::with<bool>,
    // A sender's state changed; or some of its receivers' alone, of which watchers hear a little later.
    caf::reacts_to<transfer_record>, caf::reacts_to<receiver_changes>,
    caf::reacts_to<watch_atom, transfer_id>,
    // Nothing more of that transfer; if the receiver may have it, it is asked first. Answers with the record
    // as it is now.
    caf::replies_to<cancel_atom, transfer_id>::with<transfer_record>,
    // Once more, from what the receiver has: failed and unconfirmed ones.
    caf::replies_to<retry_atom, transfer_id>::with<transfer_record>,
    // Starts no more transfers (true), or goes on (false); also after a restart. Asked without a value: is it
    // so?
    caf::replies_to<hold_atom, bool>::with<bool>, caf::replies_to<hold_atom>::with<bool>,
    // Serves a receiver's request; one that was served before starts nothing. `never_sent`, and as a send.
    caf::replies_to<request_atom, send_request>::with<transfer_record>,
    // There is another definition.
    caf::reacts_to<define_atom>,
    // The pause before that transfer's next attempt is over; or before a receiver's next probe.
    caf::reacts_to<resume_atom, transfer_id>, caf::reacts_to<resume_atom>,
    // That neighbour is there, and with it ways that lead over it.
    caf::reacts_to<neighbour_atom, std::string>,
    // What an attempt of that transfer was refused for may be there again.
    caf::reacts_to<returned_atom, transfer_id>,
    // That one's receiver is heard.
    caf::reacts_to<beat_atom, transfer_id>,
    // Does it rest, because a disk does not answer?
    caf::reacts_to<beat_atom, transfer_id, bool>,
    // A disk has answered.
    caf::reacts_to<done_aside>>;

} // namespace hublink
