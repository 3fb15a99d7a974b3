#pragma once
/// What an end of a circuit asks its owner, an actor with the journal, or tells it; and what the owner
/// decides.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/circuit/file_steps.hpp"

#include <cstdint>
#include <optional>
#include <string>
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

/// Receiver: so much is durable. The owner writes it down; nothing waits for that.
struct note_checkpoint {
  checkpoint safe;
};

/// A broadcast's sender: what is known of one receiver.
struct receiver_result {
  std::string name;
  outcome<> result{};              ///< done: its receipt is in
  std::optional<job_result> job{}; ///< of a receiver that is done
};
/// The owner writes it down; nothing waits for that.
struct note_receivers {
  std::vector<receiver_result> results;
};

/// The owner (an actor with the journal) must decide or write something down; then `consulted`.
struct consult_owner {
  enum class about : std::uint8_t {
    source, ///< sender: which generation of the source is this? `facts` is set
    offer,  ///< receiver: is this transfer wanted? `offer` is set
    safe, ///< receiver: `digest` and `size` of what is durable; told by `note_checkpoint`, without an answer
    publishing, ///< receiver: write down that the rename comes next; `receipt`, `digest`, `size` are set
    published,  ///< receiver: write down that it is done
    all_sent,   ///< sender: from now on "not done" is "unconfirmed"
    job_ended,  ///< sender: the receiver's job, for which the transfer waits; `job` is set
    request,    ///< source of a request: what becomes of it? `body` is set
    answer,     ///< requester: what the source said; `body` is set
    receivers,  ///< broadcast's sender: `results`; told by `note_receivers`, without an answer
  };
  about subject = about::offer;
  transfer_offer offer;
  file_facts facts;
  bytes receipt;
  std::string digest; ///< `xxh128:…` or `sha256:…`
  std::uint64_t size = 0;
  job_result job{};
  bytes body{}; ///< a record's, verified
  std::vector<receiver_result> results{};
};

/// As the owner is told of it.
inline consult_owner as_consultation(const note_checkpoint& note) {
  return {consult_owner::about::safe, {}, {}, {}, note.safe.digest, note.safe.bytes};
}

inline consult_owner as_consultation(const note_receivers& note) {
  consult_owner told{consult_owner::about::receivers, {}, {}, {}, {}, 0};
  told.results = note.results;
  return told;
}

/// The owner's answer to a `consult_owner`.
struct verdict {
  enum class kind : std::uint8_t {
    go_on,
    refuse,
    already_done,
    working ///< not yet: give the sender a sign of life and ask again
  };
  kind decision = kind::go_on;
  failure why;                     ///< refuse
  bytes receipt;                   ///< already_done: the stored one is sent again, and nothing else happens
  std::uint32_t generation = 1;    ///< of the source, to a sender
  checkpoint safe{};               ///< of an earlier attempt, to a receiver
  bool job_follows = false;        ///< to an offer: after the receipt comes the result of a job
  std::optional<job_result> job{}; ///< of that job: to `published`, or with the stored receipt
  bytes body{};                    ///< of the answer to a request
};

} // namespace hublink
