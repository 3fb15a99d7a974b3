#pragma once
/// A transfer as the journal keeps it and as commands show it.
#include "actors/definition/jobs.hpp"
#include "protocol/circuit/transfer_key.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hublink {

/// `queued → running → done | unconfirmed | superseded | failed | cancelled`; of a broadcast also `partial`,
/// and `spooled`: a point has all of it, and will tell of the receivers.
/// Between two attempts a transfer is `queued`, at both ends, with the reason why the last one ended. A
/// restarted node goes on with its own unfinished sends, the unconfirmed ones included: the receiver knows
/// how they ended.
enum class transfer_state : std::uint8_t {
  queued,
  running,
  done,
  partial,
  unconfirmed,
  superseded,
  failed,
  cancelled,
  spooled
};
std::string_view to_string(transfer_state state);
std::optional<transfer_state> transfer_state_from_string(std::string_view name);
/// "queued, running, …": for who names another one.
std::string all_transfer_states();
bool is_final(transfer_state state);

enum class transfer_side : std::uint8_t { sender, receiver };

/// How an attempt ended that did not bring the transfer to its goal.
struct attempt_end {
  std::uint32_t attempt = 0;
  std::int64_t ended_ms = 0; ///< since 1970
  failure why;
};

struct transfer_record {
  transfer_id transfer;
  transfer_side side = transfer_side::sender;
  std::string file, from;
  std::map<std::string, transfer_state> to;
  transfer_state state = transfer_state::queued;
  std::uint64_t sequence = 0; ///< per sender and file ID
  std::uint32_t attempt = 0;  ///< 0: none yet
  bool all_sent = false;      ///< a sender's last chunk is out: without a receipt it is `unconfirmed`
  std::uint64_t bytes = 0, size = 0;
  std::int64_t started_ms = 0; ///< ms since 1970
  std::optional<std::int64_t> ended_ms;
  std::optional<failure> reason;
  std::string path, digest;
  std::uint32_t generation = 1;      ///< of the source: another one once it changed
  std::optional<file_facts> source;  ///< sender: of that generation, once it was opened
  checkpoint safe;                   ///< receiver: of that generation
  bool cancel_wanted = false;        ///< sender: the receiver must settle it
  std::int64_t not_before_ms = 0;    ///< sender, queued: the next attempt's time, to be shown
  std::chrono::milliseconds pause{}; ///< sender, queued: before the next attempt; not kept
  std::int64_t saved_ms = 0;         ///< steady time of the last change, as the journal has it
  int broken_in_a_row = 0;           ///< sender: attempts that brought nothing; not kept
  std::optional<std::uint64_t> rate; ///< bytes per second, 0 for no limit: set by `hublink rate`, instead of
                                     ///< the definition's
  std::vector<attempt_end> broken;   ///< sender: the last attempts that failed, see `keep_end`
  std::vector<job_report> jobs;      ///< how they ended
  std::optional<job_kind> job_due;   ///< to be run, for the outcome that the record has
  std::string requested_by;          ///< sender: that receiver asked for it, and it goes to nobody else
  transfer_id resend_of;             ///< sender: the transfer that this one was asked for to repeat
  transfer_id request;               ///< sender: served by it from now on; written down, not read back
};
transfer_key key_of(const transfer_record& record);
/// Who asked by `request`, which is for one receiver.
const std::string& requester_of(const transfer_record& record);

/// What is new of a broadcast's receivers, in its sender's record.
struct receiver_changes {
  transfer_id transfer;
  std::map<std::string, transfer_state> to;
  std::vector<job_report> jobs{}; ///< at receivers
};
void apply(transfer_record& record, const receiver_changes& what);

/// The record's state, and that of each of its receivers that is not done yet (and has not failed, in a
/// cancellation).
void set_state(transfer_record& record, transfer_state state);

/// The record's outcome, since `now_ms` after 1970, and why it is no better.
void set_outcome(transfer_record& record, transfer_state state, std::int64_t now_ms,
                 std::optional<failure> why);

/// Keeps how an attempt ended, and of earlier ones the last few.
void keep_end(transfer_record& record, attempt_end how);
/// Keeps how a job of it ended: instead of an earlier run's; it is due no more.
void keep_report(transfer_record& record, job_report how);
/// The end at which jobs of that kind run.
transfer_side side_of(job_kind kind);
/// Is a job configured for the outcome that a sender's record has?
bool wants_post_send(const job_table& jobs, const transfer_record& record);
/// Of a broadcast, from its receivers' states: as theirs if they are alike, `partial` if some are done.
transfer_state state_of_all(const transfer_record& record);

/// That transfer's at that end, in a listing; null if it is not there.
const transfer_record* find_record(const std::vector<transfer_record>& among, const transfer_key& key,
                                   transfer_side side);
/// That job's, if it was run.
const job_report* find_report(const transfer_record& record, job_kind kind);
/// The first of them that went wrong.
const job_report* find_failed(const transfer_record& record, job_kind kind);

/// Nothing more will happen to it by itself: final, neither unconfirmed at its sender, who asks again, nor
/// spooled.
bool is_settled(const transfer_record& record);

/// Where a listing stopped, so that the next page goes on behind it.
struct transfer_place {
  std::int64_t started_ms = 0;
  transfer_id transfer;
  transfer_side side = transfer_side::sender;
  std::string from, file;
};
transfer_place place_of(const transfer_record& record);

/// Filters of a listing; empty fields match all.
struct transfer_query {
  std::optional<bool> finished; ///< unconfirmed and spooled ones are both
  transfer_id transfer;
  std::string file;
  std::uint32_t limit = 1000;          ///< newest first
  std::optional<transfer_place> after; ///< those behind it alone
  bool job_due = false;
  transfer_id request; ///< the transfer that serves that request, of `requester` for `file`
  std::string requester{};
  std::optional<transfer_state> state;
  std::string host;                               ///< its sender, or one of its receivers
  std::optional<std::int64_t> since_ms, until_ms; ///< when it was begun
};

/// How many have not ended.
struct tally_query {
  std::optional<std::set<std::string>> files; ///< of these alone
};
struct transfer_tally {
  std::uint64_t queued = 0, running = 0;
};

/// A receiver asks this node to send. Its signature was checked.
struct send_request {
  transfer_id request;
  std::string file, requester;
  bool resend = false;
  bool results = false; ///< a broadcast point has some of that transfer's receivers
};

/// This node's user wants a file from its source.
struct request_order {
  std::string file;
  bool resend = false;
  bool follow = false; ///< the watcher is told of the transfer until it has ended
};

/// What a receiver writes down before the rename.
struct publication {
  transfer_key key;
  std::uint32_t generation = 1;
  std::string path;
  std::string digest;
  std::uint64_t size = 0;
  bytes receipt;
  bool refuse_existing = false;
  bool job = false; ///< one is due once it is done
};

} // namespace hublink
