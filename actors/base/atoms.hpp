#pragma once
/// The words that actors' messages begin with, one meaning each. One block of type ids for the program.
#include <caf/all.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(hublink, caf::first_custom_type_id)
CAF_ADD_ATOM(hublink, hublink, hop_atom, "hop")         // find the hop of that name
CAF_ADD_ATOM(hublink, hublink, send_atom, "send")       // journal a send
CAF_ADD_ATOM(hublink, hublink, watch_atom, "watch")     // tell of changes from now on
CAF_ADD_ATOM(hublink, hublink, status_atom, "status")   // say how it does
CAF_ADD_ATOM(hublink, hublink, count_atom, "count")     // say how many
CAF_ADD_ATOM(hublink, hublink, beat_atom, "beat")       // a sign of life is due
CAF_ADD_ATOM(hublink, hublink, recover_atom, "recover") // at the start: take up what an earlier process left
CAF_ADD_ATOM(hublink, hublink, start_atom, "start")     // begin the work that it was made for
CAF_ADD_ATOM(hublink, hublink, resume_atom, "resume")   // go on: the pause is over, or there is more to do
CAF_ADD_ATOM(hublink, hublink, recall_atom, "recall")   // ask that sender to come
CAF_ADD_ATOM(hublink, hublink, dial_atom, "dial")       // dial that
CAF_ADD_ATOM(hublink, hublink, locate_atom, "locate")   // say where that neighbour is dialled
CAF_ADD_ATOM(hublink, hublink, neighbour_atom, "neighbour") // a neighbour is there
CAF_ADD_ATOM(hublink, hublink, returned_atom, "returned")   // what was refused may be there again
CAF_ADD_ATOM(hublink, hublink, enqueue_atom, "enqueue")     // journal a new transfer
CAF_ADD_ATOM(hublink, hublink, save_atom, "save")           // write that down
CAF_ADD_ATOM(hublink, hublink, note_atom, "note")           // keep that in memory
CAF_ADD_ATOM(hublink, hublink, admit_atom, "admit")         // decide on that offer
CAF_ADD_ATOM(hublink, hublink, commit_atom, "commit")       // that publication is done
CAF_ADD_ATOM(hublink, hublink, stop_atom, "stopnode")       // end in order
CAF_ADD_ATOM(hublink, hublink, drain_atom, "drain")     // take nothing new, and end when nothing is under way
CAF_ADD_ATOM(hublink, hublink, cancel_atom, "cancel")   // end that transfer
CAF_ADD_ATOM(hublink, hublink, retry_atom, "retry")     // try that transfer once more
CAF_ADD_ATOM(hublink, hublink, suspend_atom, "suspend") // make way
CAF_ADD_ATOM(hublink, hublink, give_up_atom, "giveup")  // end it with that failure
CAF_ADD_ATOM(hublink, hublink, hold_atom, "hold")       // start no transfers
CAF_ADD_ATOM(hublink, hublink, rate_atom, "rate")       // go no faster
CAF_ADD_ATOM(hublink, hublink, run_atom, "run")         // run that job
CAF_ADD_ATOM(hublink, hublink, request_atom, "request") // serve that request
CAF_ADD_ATOM(hublink, hublink, login_atom, "login")     // open what is missing
CAF_ADD_ATOM(hublink, hublink, logout_atom, "logout")   // end what is open
CAF_ADD_ATOM(hublink, hublink, sessions_atom, "sessions") // say the sessions
CAF_ADD_ATOM(hublink, hublink, command_atom, "command")   // give that command
CAF_ADD_ATOM(hublink, hublink, lost_atom, "lost")         // the session is lost
CAF_ADD_ATOM(hublink, hublink, gateways_atom, "gateways") // say the gateways
CAF_ADD_ATOM(hublink, hublink, spools_atom, "spools")     // say the spools
CAF_ADD_ATOM(hublink, hublink, results_atom, "results")   // there are new results
CAF_ADD_ATOM(hublink, hublink, define_atom, "define")     // there is another definition
CAF_ADD_ATOM(hublink, hublink, deliver_atom, "deliver")   // ask its receivers now
CAF_ADD_ATOM(hublink, hublink, renew_atom, "renew")       // get the next certificate now
CAF_ADD_ATOM(hublink, hublink, trace_atom, "trace")       // say what is written of it
CAF_END_TYPE_ID_BLOCK(hublink)
