#pragma once
/// What the actors of management sessions may be asked.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/management/session_values.hpp"

#include <string>
#include <vector>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::login_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::login_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::command_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<hublink::session_row>)

namespace hublink {

/// Gets the answers to commands that it gave.
using reply_sink = caf::typed_actor<caf::reacts_to<command_reply>>;
/// Hears that the session with that node is lost.
using session_watcher = caf::typed_actor<caf::reacts_to<lost_atom, std::string, failure>>;

/// The asking end of a management session.
using session_actor = circuit_owner::extend<
    caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>,
    caf::reacts_to<caf::tick_atom>,
    // Once: opens it. Where a user is named, the asker hears as `session_watcher` if it is lost later.
    caf::replies_to<login_atom, login_order>::with<void>, caf::reacts_to<login_step>,
    // Gives a command; the sink gets lines with that tag, down to a last one.
    caf::reacts_to<command_atom, std::string, std::uint64_t, reply_sink>, caf::reacts_to<logout_atom>>;

/// The answering end: a circuit of a server or client.
using session_end_actor =
    circuit_actor::extend<caf::reacts_to<link_up>, caf::reacts_to<link_down>, caf::reacts_to<link_received>,
                          caf::reacts_to<caf::tick_atom>, caf::reacts_to<command_reply>,
                          // Whom it served may do nothing here any more.
                          caf::reacts_to<lost_atom, failure>>;

/// A manager's sessions: of each user who is logged in, one a server.
using sessions_actor = session_watcher::extend<
    // Asks every server; answers what came of it once all have succeeded or failed.
    caf::replies_to<login_atom, login_order>::with<std::vector<session_row>>,
    // Ends those of that user, or, without a name, of the only one (`chosen_user`); says which.
    caf::replies_to<logout_atom, std::string>::with<std::vector<session_row>>,
    // Of all users, by user and server.
    caf::replies_to<sessions_atom>::with<std::vector<session_row>>,
    // There is another definition: sessions with servers that it doesn't name end.
    caf::reacts_to<define_atom>,
    // Gives that user's command to that server.
    caf::reacts_to<command_atom, std::string, std::string, std::string, std::uint64_t, reply_sink>>;

} // namespace hublink
