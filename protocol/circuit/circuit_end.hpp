#pragma once
/// The two ends of a transfer, without I/O. A driver (the real pump, or the simulated network) asks `next()`
/// what to do, does it, reports back, and asks again; incoming bytes may be handed in at any time there is
/// room for them. Not thread-safe.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/trust/credentials.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace hublink {

/// What tells one state of a source file from another.
struct file_facts {
  std::uint64_t size = 0; ///< bytes
  std::int64_t modified_ns = 0, changed_ns = 0;
  std::uint64_t inode = 0, device = 0;
  std::uint32_t mode = 0644;

  bool operator==(const file_facts&) const = default;
};

/// How much of a file is safe at its receiver, and what it is: the digest of its first `bytes` bytes.
struct checkpoint {
  std::uint64_t bytes = 0; ///< 0: nothing
  std::string digest;

  bool operator==(const checkpoint&) const = default;
};

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

// -- what an end wants done; exactly one at a time
// ------------------------------------------------------------
struct wait_for_bytes {}; ///< nothing; `received` or `cut` goes on
struct send_bytes {
  byte_view data;
};                   ///< all of it into the circuit, then `completed`
struct open_file {}; ///< sender: then `opened(facts)`
/// Broadcast point: that part of the file into the circuit, unseen; then `completed`.
struct send_from_file {
  std::uint64_t offset;
  std::size_t count;
};
struct read_file {
  std::uint64_t offset;
  std::span<std::byte> into;
};                      ///< all of it, then `completed`
struct recheck_file {}; ///< sender: then `opened(facts)` again
/// Receiver: the partial file of an earlier attempt, to be read from its beginning.
struct reopen_file {
  transfer_id transfer;
  std::uint32_t generation;
};
/// Receiver: makes a partial file, or goes on with the one that was reopened.
struct create_file {
  transfer_id transfer;
  std::uint32_t generation;
  std::uint64_t size;
  std::uint32_t mode;
  std::uint64_t keep = 0; ///< bytes of the reopened one that stay; the rest is cut off. 0: a new file
};
struct write_file {
  std::uint64_t offset;
  byte_view data;
};
struct sync_file {};
/// Begins to make durable what was written so far. `completed` at once; then, at any later time, `flushed`.
struct flush_file {};
/// Rename into place, sync the directory. Fails with `unconfirmed` if it may have happened and not be
/// durable.
struct publish_file {};
struct keep_file {}; ///< closes the partial file, which a later attempt may go on with
/// Removes the partial file, also one of an earlier attempt that this one has not opened.
struct discard_file {
  transfer_id transfer;
  std::uint32_t generation;
};
/// Receiver: so much is durable. The owner writes it down; nothing waits for that.
struct note_checkpoint {
  checkpoint safe;
};

/// A broadcast's sender: what is known of one receiver.
struct receiver_word {
  std::string name;
  outcome<> result{};              ///< done: its receipt is in
  std::optional<job_result> job{}; ///< of a receiver that is done
};
/// The owner writes it down; nothing waits for that.
struct note_receivers {
  std::vector<receiver_word> words;
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
    receivers,  ///< broadcast's sender: `words`; told by `note_receivers`, without an answer
  };
  about subject = about::offer;
  transfer_offer offer;
  file_facts facts;
  bytes receipt;
  std::string digest; ///< `xxh128:…` or `sha256:…`
  std::uint64_t size = 0;
  job_result job{};
  bytes body{}; ///< a record's, verified
  std::vector<receiver_word> words{};
};

/// As the owner is told of it.
inline consult_owner as_consultation(const note_checkpoint& note) {
  return {consult_owner::about::safe, {}, {}, {}, note.safe.digest, note.safe.bytes};
}

inline consult_owner as_consultation(const note_receivers& note) {
  consult_owner told{consult_owner::about::receivers, {}, {}, {}, {}, 0};
  told.words = note.words;
  return told;
}

/// The end is over. `done`: half-close, wait for the peer's half-close. `failed`: if `courtesy`, half-close
/// and let the peer end (a refusal is on its way to it); else reset, so that it can't look like an end of
/// file.
struct finish {
  outcome<> result;
  bool courtesy = false;
};

using transfer_step =
    std::variant<wait_for_bytes, send_bytes, send_from_file, open_file, read_file, recheck_file, reopen_file,
                 create_file, write_file, sync_file, flush_file, publish_file, keep_file, discard_file,
                 note_checkpoint, note_receivers, consult_owner, finish>;

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

/// Bytes of content so far and in all (0 while unknown).
struct transfer_progress {
  std::uint64_t bytes = 0, size = 0;
  std::uint64_t safe = 0; ///< in the receiver's last checkpoint
};

/// A part of the file.
struct file_range {
  std::uint64_t offset = 0;
  std::size_t count = 0;
};

class transfer_end {
 public:
  virtual ~transfer_end() = default;

  /// Spans stay valid until the step is reported as completed. Asked again without that, it gives the same
  /// step.
  virtual transfer_step next() = 0;

  /// Where the next incoming bytes go; empty: no room now, do not read the circuit.
  virtual std::span<std::byte> inbox() = 0;
  /// Asked if `inbox()` is empty: where the next incoming bytes go that the end need not see. They are in the
  /// file before they are reported; if they can't be, `step_failed`.
  virtual file_range file_inbox() { return {}; }
  /// The first `count` bytes of `inbox()`, or of `file_inbox()`, were filled.
  virtual void received(std::size_t count) = 0;
  virtual void completed() = 0; ///< the step was done
  virtual void opened(const file_facts& facts) = 0;
  virtual void consulted(const verdict& answer) = 0;
  virtual void step_failed(const failure& why) = 0; ///< a step on the file went wrong
  virtual void flushed(const outcome<>&) {}         ///< what `flush_file` began has ended
  virtual void
  cut(const failure& why) = 0; ///< the circuit ended; `errc::cut` with text "end of stream" if by FIN

  /// An end that works with others of its node: `wake` may be called from any thread, and makes the driver
  /// call `woken` and ask for the next step. Once, before the first step.
  virtual void wake_with(std::function<void()> /*wake*/) {}
  virtual void woken() {}

  virtual transfer_progress progress() const = 0;
  /// Digest and size of the whole file once `finish{done}` was returned.
  virtual std::string digest() const = 0;
};

enum class digest_kind : std::uint8_t { xxh128, sha256 };

/// Bytes of content in a chunk. 256 KiB fits the second-level cache and was the fastest measured.
inline constexpr std::uint32_t default_chunk = 256 * 1024;

struct sending_end_config {
  transfer_offer offer;
  std::string open_id;   ///< of the circuit: known to those on the way, not to who listens between them
  std::string file_name; ///< sealed; information for the receiver only
  digest_kind digest = digest_kind::xxh128;
  std::uint32_t chunk_size = default_chunk;
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
};
/// Sends to `offer.recipients.front()`; to several: protocol/broadcast/broadcast_ends.hpp.
std::unique_ptr<transfer_end> make_sending_end(sending_end_config config);

/// How often a receiver makes a checkpoint: whichever comes first.
struct checkpoint_interval {
  std::uint64_t bytes = 64 << 20;
  std::chrono::milliseconds time{1000};
};

struct receiving_end_config {
  std::string sender; ///< the only one accepted, from the receive definition
  std::string file;
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
  std::string open_id{}; ///< as in `sending_end_config`
  checkpoint_interval interval{};
};
std::unique_ptr<transfer_end> make_receiving_end(receiving_end_config config);

/// Either end of a ping: done at once. A ping carries no bytes; any is `bad_message`.
std::unique_ptr<transfer_end> make_ping_end();

} // namespace hublink
