#pragma once
/// Every actor's interface in one place. CAF 0.17 syntax stays in this file and in the messages.
///
/// Who holds whom: supervisor → (links, resolver, dispatcher, pingers), link → local_hop → (relays,
/// receivers), dispatcher → senders. Handles point the other way only as weak owners of the plane.
#include "actors/broadcast/broadcast_table.hpp"
#include "actors/broadcast/spool_record.hpp"
#include "actors/circuit/active_opens.hpp"
#include "actors/definition/definition.hpp"
#include "actors/definition/live_definition.hpp"
#include "actors/management/session_values.hpp"
#include "actors/ports/data_plane.hpp"
#include "actors/ports/event_log.hpp"
#include "actors/ports/gateway_plane.hpp"
#include "actors/ports/job_runner.hpp"
#include "actors/routing/hop_choice.hpp"
#include "actors/routing/next_hop.hpp"
#include "actors/transfer/receive_watch.hpp"
#include "actors/transfer/transfer_record.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hublink {

/// How one neighbour's link does; for `status`.
struct link_status {
  std::string peer;
  role peer_role = role::server;
  bool up = false;
  std::uint32_t circuits = 0;
};

/// How a link's neighbour stands to this node by the definition in force.
struct link_terms {
  endpoint where;       ///< to dial
  bool can_dial = true; ///< false: the peer dials out, this side waits for it
  bool keep = false;    ///< never idle; redialled if this side can dial
  bool wanted = true;   ///< false: the peer is no neighbour any more; closed once nothing goes over it
};

struct node_status {
  std::vector<link_status> links;
  bool held = false; ///< starts no transfers
};

} // namespace hublink

CAF_BEGIN_TYPE_ID_BLOCK(hublink, caf::first_custom_type_id)
CAF_ADD_ATOM(hublink, hublink, hop_atom, "hop")
CAF_ADD_ATOM(hublink, hublink, send_atom, "send")
CAF_ADD_ATOM(hublink, hublink, watch_atom, "watch")
CAF_ADD_ATOM(hublink, hublink, ping_host_atom, "pinghost")
CAF_ADD_ATOM(hublink, hublink, status_atom, "status")
CAF_ADD_ATOM(hublink, hublink, count_atom, "count")
CAF_ADD_ATOM(hublink, hublink, beat_atom, "beat")
CAF_ADD_ATOM(hublink, hublink, begin_atom, "begin")
CAF_ADD_ATOM(hublink, hublink, enqueue_atom, "enqueue")
CAF_ADD_ATOM(hublink, hublink, save_atom, "save")
CAF_ADD_ATOM(hublink, hublink, note_atom, "note")
CAF_ADD_ATOM(hublink, hublink, admit_atom, "admit")
CAF_ADD_ATOM(hublink, hublink, commit_atom, "commit")
CAF_ADD_ATOM(hublink, hublink, stop_atom, "stopnode")
CAF_ADD_ATOM(hublink, hublink, cancel_atom, "cancel")
CAF_ADD_ATOM(hublink, hublink, retry_atom, "retry")
CAF_ADD_ATOM(hublink, hublink, suspend_atom, "suspend")
CAF_ADD_ATOM(hublink, hublink, hold_atom, "hold")
CAF_ADD_ATOM(hublink, hublink, rate_atom, "rate")
CAF_ADD_ATOM(hublink, hublink, run_atom, "run")
CAF_ADD_ATOM(hublink, hublink, request_atom, "request")
CAF_ADD_ATOM(hublink, hublink, login_atom, "login")
CAF_ADD_ATOM(hublink, hublink, logout_atom, "logout")
CAF_ADD_ATOM(hublink, hublink, sessions_atom, "sessions")
CAF_ADD_ATOM(hublink, hublink, command_atom, "command")
CAF_ADD_ATOM(hublink, hublink, lost_atom, "lost")
CAF_ADD_ATOM(hublink, hublink, gateways_atom, "gateways")
CAF_ADD_ATOM(hublink, hublink, dial_atom, "dial")
CAF_ADD_ATOM(hublink, hublink, spools_atom, "spools")
CAF_ADD_ATOM(hublink, hublink, words_atom, "words")
CAF_ADD_ATOM(hublink, hublink, define_atom, "define")
CAF_ADD_ATOM(hublink, hublink, deliver_atom, "deliver")
CAF_END_TYPE_ID_BLOCK(hublink)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::failure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::endpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::open)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::abandon)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::hop_choice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_terms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::definition_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::hop_choices)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::ping_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::node_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::link_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::transfer_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::transfer_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::receiver_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::publication>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::job_kind)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::job_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::send_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::request_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::login_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::command_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::spool_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::spool_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::session_row>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::stored_transfer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::stored_transfer>)

namespace hublink {

/// The next hop, wherever it is: in this process, at the far end of a link, or simulated.
using hop_actor = caf::typed_actor<
    // Makes the rest of a circuit; fails with a `failure` (see `to_failure`).
    caf::replies_to<open>::with<opened>,
    // Ends what an earlier `open` of that key began; no answer.
    caf::reacts_to<abandon>>;

/// A neighbour's hop as seen from here. Every asker is monitored; if the link fails it gets `hop_lost`.
using link_actor = hop_actor::extend<
    // Where to dial from now on.
    caf::reacts_to<hop_atom, endpoint>,
    // How it is to behave from now on.
    caf::reacts_to<define_atom, link_terms>, caf::reacts_to<link_up>, caf::reacts_to<link_down>,
    caf::reacts_to<link_received>,
    // Heartbeats, expiry of requests, idle close.
    caf::reacts_to<caf::tick_atom>, caf::replies_to<status_atom>::with<link_status>>;

/// The only actor that a neighbour can reach.
using local_hop_actor = hop_actor::extend<
    // How many circuits it holds.
    caf::replies_to<count_atom>::with<std::uint32_t>,
    // Its link is gone: ends all that was made over it.
    caf::reacts_to<hop_lost>>;

using route_resolver_actor = caf::typed_actor<
    // Looks up what comes next, names included; fails with a `failure`.
    caf::replies_to<open>::with<hop_choices>, caf::reacts_to<resolved>>;

/// One circuit through, into or out of this node.
using circuit_actor = circuit_owner::extend<
    // Begins the circuit's work; the answer is the hop's (an origin answers when the pipe is whole).
    caf::replies_to<open>::with<opened>, caf::reacts_to<abandon>>;

/// One broadcast at its point: the circuit from the sender's side.
using broadcaster_actor = circuit_actor::extend<caf::reacts_to<caf::tick_atom>,
                                                // Ends it, branches too: a later attempt waits.
                                                caf::reacts_to<stop_atom>,
                                                // The board has new ones.
                                                caf::reacts_to<words_atom>,
                                                // Goes on with what the journal kept, or asks those again
                                                // for whom the store waits.
                                                caf::reacts_to<begin_atom, transfer_id>>;

/// Keeps a server's broadcasts beyond their circuits: takes them up at the start, asks receivers again for
/// whom the store waits, brings late words to their senders, drops what nobody goes on with.
using spool_keeper_actor = caf::typed_actor<
    // Once, before the node serves; then all that is left of an earlier process is known.
    caf::replies_to<begin_atom>::with<void>, caf::reacts_to<caf::tick_atom>,
    // A neighbour is there: perhaps something waits for it.
    caf::reacts_to<hop_atom, std::string>,
    // What the store keeps for receivers, oldest first.
    caf::replies_to<spools_atom>::with<std::vector<stored_transfer>>,
    // Asks its receivers now, also for what is held back; fails if it is not in the store.
    caf::replies_to<deliver_atom, transfer_id>::with<stored_transfer>>;

/// Asks a sender to come for the words that a broadcast point has for it.
using recaller_actor = circuit_owner::extend<
    // Answers with the state of the transfer there.
    caf::replies_to<begin_atom, open>::with<transfer_record>>;

/// One circuit from a broadcast point onward, in as many tries as it takes.
using branch_actor = circuit_owner::extend<caf::reacts_to<begin_atom>, caf::reacts_to<stop_atom>>;

/// The sending end of one transfer.
using sender_actor =
    circuit_owner::extend<caf::reacts_to<begin_atom>,
                          // Ends the attempt; the next one lets the receiver settle the transfer.
                          caf::reacts_to<cancel_atom>,
                          // Ends the attempt at the receiver's next checkpoint, and leaves the transfer
                          // queued.
                          caf::reacts_to<suspend_atom>,
                          // From now on: bytes per second, 0 for no limit.
                          caf::reacts_to<rate_atom, std::uint64_t>>;

/// The circuit of a gateway link that this node dials.
using gateway_circuit_actor = circuit_owner::extend<
    // Opens it to the gateway of that name, and hands it to the plane; fails with a `failure`.
    caf::replies_to<begin_atom, std::string>::with<circuit_id>>;

/// Decides when this node has a link to another gateway.
using gateway_actor = gateway_owner::extend<
    // The pause before the next dial of that peer is over.
    caf::reacts_to<dial_atom, std::string>,
    // There is another definition.
    caf::reacts_to<define_atom>, caf::replies_to<gateways_atom>::with<gateway_report>>;

using ping_actor = circuit_owner::extend<caf::replies_to<ping_host_atom, std::string>::with<ping_report>>;

/// Owns the node's journal. Answers come only after the change is durable.
using journal_actor = caf::typed_actor<
    // A new transfer of this node as sender: gives it its sequence. One whose `request` is served already:
    // answers with the transfer that serves it, and nothing is new.
    caf::replies_to<enqueue_atom, transfer_record>::with<transfer_record>,
    // Writes the record down as it is now.
    caf::replies_to<save_atom, transfer_record>::with<void>,
    // A sender's: these receivers alone, the rest of the record is as before.
    caf::replies_to<save_atom, receiver_changes>::with<void>,
    // That transfer of this node serves that request, unless another one does.
    caf::replies_to<request_atom, transfer_id, transfer_id>::with<void>,
    // Progress, in memory only.
    caf::reacts_to<note_atom, transfer_id, transfer_progress>,
    // Receiver: is this offer wanted? `already_done` with the stored receipt, `refuse` as superseded,
    // replayed or busy; else the record is kept as running.
    caf::replies_to<admit_atom, transfer_offer>::with<verdict>,
    // Receiver: the rename comes next.
    caf::replies_to<save_atom, publication>::with<void>,
    // Receiver: that publication is done.
    caf::replies_to<commit_atom, transfer_id>::with<void>,
    // Receiver: refuse that transfer from now on, unless it is done or about to be; answers with the record.
    caf::replies_to<cancel_atom, transfer_id>::with<transfer_record>,
    // At start: what was being received waits for its sender; answers with the publications whose commit is
    // missing.
    caf::replies_to<begin_atom>::with<std::vector<publication>>,
    // Does this node start no transfers? Outlives the node. Set it, or ask.
    caf::replies_to<hold_atom, bool>::with<bool>, caf::replies_to<hold_atom>::with<bool>,
    // How a transfer's job ended; it is due no more.
    caf::replies_to<save_atom, transfer_id, job_report>::with<void>,
    // A broadcast point's spool: what is new of it; it is gone; at start: all.
    caf::replies_to<save_atom, spool_change>::with<void>, caf::reacts_to<caf::delete_atom, transfer_id>,
    caf::replies_to<spools_atom>::with<std::vector<spool_record>>,
    // Listings, newest first.
    caf::replies_to<transfer_query>::with<std::vector<transfer_record>>, caf::reacts_to<caf::tick_atom>>;

/// Runs this node's jobs.
using job_keeper_actor = caf::typed_actor<
    // Runs that job of the transfer; answers how it ended, once that is in the journal. Asked again
    // meanwhile, it answers with the same run.
    caf::replies_to<run_atom, job_kind, transfer_record>::with<job_report>,
    // At start: what is due.
    caf::reacts_to<begin_atom>>;

/// Gets every change of a transfer that it watches.
using watcher_actor = caf::typed_actor<caf::reacts_to<transfer_record>>;

/// A request connection's origin.
using requester_actor = circuit_owner::extend<
    // Asks the source; the transfer as the source knows it. The watcher is told until that has ended.
    caf::replies_to<request_atom, request_order, watcher_actor>::with<transfer_record>,
    // This node's part of the transfer.
    caf::reacts_to<transfer_record>,
    // Asks again, under the same id.
    caf::reacts_to<begin_atom>>;

/// Gets the answers to commands that it gave.
using reply_sink = caf::typed_actor<caf::reacts_to<command_reply>>;
/// Hears that the session with that node is lost.
using session_watcher = caf::typed_actor<caf::reacts_to<lost_atom, std::string, failure>>;

/// The asking end of a management session.
using session_actor = circuit_owner::extend<
    caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>,
    caf::reacts_to<caf::tick_atom>,
    // Once: opens it. Where a user is named, the asker hears as `session_watcher` if it is lost later.
    caf::replies_to<login_atom, login_order>::with<void>,
    // Gives a command; the sink gets lines with that tag, down to a last one.
    caf::reacts_to<command_atom, std::string, std::uint64_t, reply_sink>, caf::reacts_to<logout_atom>>;

/// The answering end: a circuit of a server or client.
using session_end_actor =
    circuit_owner::extend<caf::replies_to<open>::with<opened>, caf::reacts_to<abandon>,
                          caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>,
                          caf::reacts_to<caf::tick_atom>, caf::reacts_to<command_reply>>;

/// A manager's sessions, one a server.
using sessions_actor = session_watcher::extend<
    // Opens what is missing; answers once all have succeeded or failed.
    caf::replies_to<login_atom, login_order>::with<std::vector<session_row>>,
    // Ends all.
    caf::replies_to<logout_atom>::with<std::vector<session_row>>,
    caf::replies_to<sessions_atom>::with<std::vector<session_row>>,
    // There is another definition: sessions with servers that it doesn't name end.
    caf::reacts_to<define_atom>,
    // Gives a command to that server.
    caf::reacts_to<command_atom, std::string, std::string, std::uint64_t, reply_sink>>;

/// Starts senders as the node's limit allows.
using dispatcher_actor = caf::typed_actor<
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
    // The pause before that transfer's next attempt is over.
    caf::reacts_to<begin_atom, transfer_id>>;

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

/// How a link watches over itself.
struct link_timing {
  std::chrono::milliseconds beat_every{5'000};  ///< silent so long: ask
  std::chrono::milliseconds beat_limit{15'000}; ///< silent so long: dead
  std::chrono::milliseconds idle_limit{60'000}; ///< unused so long: close
  std::chrono::milliseconds redial_first{200},
      redial_limit{30'000}; ///< kept links: doubled each time, jittered
};

class command_service;

/// What every actor of a node is given. Holds no actor handle. Outlives the actors.
struct environment {
  live_definition self;
  data_plane& plane;
  event_log& events;
  file_store& files;
  std::shared_ptr<const identity> id;
  std::shared_ptr<const trust> ca;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  std::function<std::uint64_t()> random; ///< thread-safe; injected, so that a simulation replays
  std::chrono::milliseconds open_budget{10'000};
  link_timing timing{};
  open_registry active_opens{};
  receive_watch receives{};
  command_service* commands = nullptr; ///< executes what sessions ask for; none: there are no sessions here
  std::uint32_t chunk_size = default_chunk;
  job_table jobs{};
  job_runner* runner = nullptr;      ///< needed where there are jobs
  gateway_plane* gateways = nullptr; ///< null: this node has no proxy function
  broadcast_table broadcasts{};      ///< servers
  std::map<std::string, bytes>
      certificates{}; ///< DER, of the recipients of this node's broadcasts; not checked
};
using environment_ptr = std::shared_ptr<environment>;

/// A failure as an actor's answer, and back. CAF's own errors become `timed_out`, `hop_down` or `failed` at
/// `hop`.
caf::error to_error(failure what);
failure to_failure(const caf::error& error, const std::string& hop);

} // namespace hublink
