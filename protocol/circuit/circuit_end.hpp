#pragma once
/// One end of a circuit, without I/O. A driver (the real pump, or the simulated network) asks `next()` what
/// to do, does it, reports back, and asks again; incoming bytes may be handed in at any time there is room
/// for them. Not thread-safe.
#include "protocol/circuit/file_steps.hpp"
#include "protocol/circuit/owner_questions.hpp"

#include <functional>
#include <span>
#include <string>
#include <variant>

namespace hublink {

struct wait_for_bytes {}; ///< nothing; `received` or `cut` goes on
/// All of it into the circuit, then `completed`.
struct send_bytes {
  byte_view data;
};
/// What the circuit's connection says of itself; then `measured`.
struct measure_line {
  std::size_t unsent = 0; ///< so many bytes, from now on, may wait in the kernel to be sent; 0: as it is
  bool whole = false;     ///< also what takes longer to find out
};
/// The end is over. `done`: half-close, wait for the peer's half-close. `failed`: if `courtesy`, half-close
/// and let the peer end (a refusal is on its way to it); else reset, so that it can't look like an end of
/// file.
struct finish {
  outcome<> result;
  bool courtesy = false;
  bool in_doubt = false; ///< it may have brought about all that it was for, whatever the owner ended it with
};

/// What an end wants done; exactly one at a time. A `consult_owner` that wants no answer is `completed` at
/// once.
using end_step = std::variant<wait_for_bytes, send_bytes, send_from_file, open_file, read_file, recheck_file,
                              reopen_file, create_file, write_file, sync_file, flush_file, publish_file,
                              settle_file, keep_file, discard_file, consult_owner, measure_line, finish>;

/// Bytes of content so far and in all (0 while unknown).
struct transfer_progress {
  std::uint64_t bytes = 0, size = 0;
  std::uint64_t safe = 0;  ///< in the receiver's last checkpoint
  std::uint64_t heard = 0; ///< bytes that came from the peer, signs of life too
  std::string waits{}; ///< what this node waits for, if that takes long: `/data does not answer since 40 s`
};

class circuit_end {
 public:
  virtual ~circuit_end() = default;

  /// Spans stay valid until the step is reported as completed. Asked again without that, it gives the same
  /// step.
  virtual end_step next() = 0;

  /// Where the next incoming bytes go; empty: no room now, do not read the circuit.
  virtual std::span<std::byte> inbox() = 0;
  /// Asked if `inbox()` is empty: where the next incoming bytes go that the end need not see. They are in the
  /// file before they are reported; if they can't be, `step_failed`.
  virtual file_range file_inbox() { return {}; }
  /// The first `count` bytes of `inbox()`, or of `file_inbox()`, were filled.
  virtual void received(std::size_t count) = 0;
  virtual void completed() = 0; ///< the step was done
  virtual void opened(const file_facts& facts) = 0;
  virtual void measured(const line_facts&) {}
  virtual void consulted(const verdict& answer) = 0; ///< fails if that is `unfit` for what it asked
  /// A step on the file went wrong. `timed_out`: it did not come back, and may still use the spans of the
  /// step: their memory stays as it is, and the end comes to its end.
  virtual void step_failed(const failure& why) = 0;
  virtual void flushed(const outcome<>&) {} ///< what `flush_file` began has ended
  /// The circuit ended; `errc::cut` with text "end of stream" if by FIN.
  virtual void cut(const failure& why) = 0;

  /// An end that works with others of its node: `wake` may be called from any thread, and makes the driver
  /// call `woken` and ask for the next step. Once, before the first step.
  virtual void wake_with(std::function<void()> /*wake*/) {}
  virtual void woken() {}

  /// A record for the peer, who must not take for death that this end is at work: to be sent between two of
  /// its own, when nothing went out for some seconds. Empty: the peer would not take one now. Also asked
  /// while a step is under way.
  virtual bytes sign_of_life() const { return {}; }

  virtual transfer_progress progress() const = 0;
  /// Digest and size of the whole file once `finish{done}` was returned.
  virtual std::string digest() const = 0;
};

} // namespace hublink
