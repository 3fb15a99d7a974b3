#pragma once
/// When does a sender try again? Pure.
#include "actors/definition/definition.hpp"
#include "actors/transfer/transfer_record.hpp"

#include <chrono>
#include <optional>

namespace hublink {

/// How an attempt ended that did not settle its transfer.
struct broken_attempt {
  failure why;
  bool begun = false; ///< the source was opened once: a circuit stood, in this attempt or an earlier one
  int in_a_row = 1;   ///< attempts that ended so since the receiver last came further
};

/// The pause before the next attempt; nothing: the transfer ends with this failure.
///
/// A definition with `retry` says how often and how soon, whatever broke. Without, a transfer that was under
/// way goes on by itself: six attempts in a row that bring nothing, 12 s in all; fewer where it was cut or
/// altered. What never began is not tried again, so that a refusal is told at once, unless the line altered
/// something. What trying again can't mend (`is_for_good`) ends the transfer in either case.
std::optional<std::chrono::milliseconds> pause_before_next(const retry_policy& policy,
                                                           const broken_attempt& attempt);

/// How many further failures like the last one a transfer outlasts that waits for its receiver, with
/// `in_a_row` of its own so far and, once it was `begun`, a circuit behind it.
int failures_outlasted(const retry_policy& policy, int in_a_row, bool begun);

/// Does a failure before any byte moved say that the receiver, or the way to it, may be gone for others, too?
bool puts_in_doubt(const failure& why);

/// Before a question is asked again to which somebody may answer at last: 2 s, doubled by each earlier time
/// that it was asked, up to `longest`.
std::chrono::milliseconds pause_before_asking(int earlier, std::chrono::milliseconds longest);

/// That transfer as its sender queues it once more: the sender's of `found`. Fails at `here` with `failed`
/// where it was not sent from here or its state allows none, with `busy` while its job is due.
outcome<transfer_record> reopened(const std::vector<transfer_record>& found, const std::string& here);

} // namespace hublink
