#pragma once
/// What an end of a circuit asks its owner, an actor with the journal, or tells it; and what the owner
/// decides.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/circuit/file_steps.hpp"
#include "protocol/circuit/line_rate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hublink {

/// What a sender offers and a receiver decides on, before any content is sent.
struct transfer_offer {
  transfer_id transfer;
  std::uint32_t attempt = 1, generation = 1;
  std::uint64_t sequence = 0; ///< per sender and file ID, growing
  std::int64_t time_ms = 0;   ///< sender's clock, ms since 1970
  std::string sender, file;
  std::vector<std::string> recipients;
  bool cancel = false;    ///< nothing is sent: the receiver shall settle whether it is done or cancelled
  bool broadcast = false; ///< goes through a broadcast point's spool; recipients are not named
  std::uint64_t size = 0; ///< of a broadcast: bytes of content
};

/// How a receiver's job ended that the transfer waits for.
struct job_result {
  bool good = true;
  std::string text; ///< one line
};

/// A broadcast's sender: what is known of one receiver.
struct receiver_result {
  std::string name;
  outcome<> result{};              ///< done: its receipt is in
  std::optional<job_result> job{}; ///< of a receiver that is done
};
/// What an earlier attempt was about to publish: perhaps it did.
struct begun_publication {
  std::uint32_t generation = 1;
  bytes receipt{}; ///< body
  std::string path{};
};
/// Each with what the owner must know.
namespace question {

/// Sender: which generation of the source is this? `decision::generation`.
struct source {
  file_facts found;
};
/// Receiver, broadcast point: is this transfer wanted? `decision::welcome`, or of a receiver `already_done`.
/// Its signature was checked; nothing is done for a transfer before.
struct offer {
  transfer_offer made;
  bytes record{}; ///< at a broadcast point: as it came
};
/// Receiver: write down that the rename comes next.
struct publishing {
  bytes receipt;      ///< body
  std::string digest; ///< `xxh128:…` or `sha256:…`
  std::uint64_t size = 0;
};
/// Receiver: write down that it is done. `go_on`, or `job_ended` where the offer was told that a job follows.
struct published {};
/// Sender: from now on "not done" is "unconfirmed".
struct all_sent {
  std::string digest; ///< of a broadcast: what all receipts must be for
};
/// Sender: how the receiver's job ended, for which the transfer waits.
struct job_ended {
  job_result how;
};
/// Source of a request: what becomes of it? `decision::served`.
struct request {
  bytes body; ///< a `request_record`, verified
};
/// Requester: what the source said.
struct answer {
  bytes body; ///< a `request_answer`, verified
};
/// Receiver, broadcast point: so much is durable. Wants no answer.
struct safe {
  checkpoint what;
};
/// A broadcast's sender: what became of some receivers. Wants no answer.
struct receivers {
  std::vector<receiver_result> results;
};
/// Who took the load of a line: what are the lines behind like? `decision::lines`.
struct load_onward {
  std::chrono::milliseconds time{}; ///< so long each of them is loaded
};
/// Who loaded a line: what it and the lines behind are like. Wants no answer.
struct lines {
  line_rates rates;
};

} // namespace question

/// The owner (an actor with the journal) must decide or write something down; then `circuit_end::consulted`.
using consult_owner =
    std::variant<question::source, question::offer, question::publishing, question::published,
                 question::all_sent, question::job_ended, question::request, question::answer, question::safe,
                 question::receivers, question::load_onward, question::lines>;

/// Or else the owner is only told, and nothing waits for that.
bool wants_answer(const consult_owner& asked);

/// The owner's answers. Where a question names none, it is `go_on`. Each question may be refused.
namespace decision {

struct go_on {};
struct refuse {
  failure why;
};
/// Not yet: give the sender a sign of life and ask again.
struct working {};
struct generation {
  std::uint32_t number = 1; ///< of the source
};
struct welcome {
  checkpoint safe{};                        ///< of an earlier attempt
  bool job_follows = false;                 ///< after the receipt comes the result of a job
  std::optional<begun_publication> begun{}; ///< whether that happened is settled first
};
/// The stored receipt is sent again, and nothing else happens.
struct already_done {
  bytes receipt;
  std::optional<job_result> job{}; ///< of one that the transfer waited for
};
struct job_ended {
  job_result how;
};
struct served {
  bytes body; ///< a `request_answer`
};
struct lines {
  line_rates rates;
};

} // namespace decision

using verdict = std::variant<decision::go_on, decision::refuse, decision::working, decision::generation,
                             decision::welcome, decision::already_done, decision::job_ended, decision::served,
                             decision::lines>;

/// `source`, `offer`, …
std::string_view name_of(const consult_owner& asked);
/// What who can't meet a question refuses with.
failure unfit(const consult_owner& asked);
/// What an end fails with whose owner gave it an answer to something else.
failure unfit(const verdict& answer);

} // namespace hublink
