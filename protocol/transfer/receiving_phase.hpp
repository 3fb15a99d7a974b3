#pragma once
/// The states of a transfer's receiving end.
#include "protocol/base/errors.hpp"

#include <cstdint>

namespace hublink {

/// In this order. A failure before the end: the partial file is kept for a later attempt, or discarded where
/// there will be none; `refusing` unless the circuit is gone, over. Once the end record is verified nothing
/// more is needed of the circuit, and a cut changes nothing.
enum class receiving_phase : std::uint8_t {
  taking, ///< records of the sender: waiting for the next one
  deciding,
  reopening, ///< the partial file of an earlier attempt
  comparing, ///< it with its checkpoint, back and forth between here
  telling,   ///< … and here: a sign of life
  dropping,  ///< it: it is not what the checkpoint says
  getting_ready,
  creating,
  writing,     ///< a chunk
  flushing,    ///< begins a checkpoint
  catching_up, ///< the disk is slower than the stream, which waits for it
  recording,   ///< the checkpoint was made: the owner writes it down
  reporting,   ///< … and here
  syncing,     ///< all is there, and is what was signed
  noting,      ///< the owner writes down that the rename comes next
  publishing,
  committing, ///< the owner writes down that it is done
  receipting,
  signalling, ///< a sign of life while the owner decides, or waits for a job
  keeping,
  discarding,
  saving, ///< what was still being made durable when it failed: the owner writes that down
  refusing,
};

/// Will there be no later attempt that goes on with what came before such a failure? What was only seen on
/// the way says nothing of that.
bool is_lost_with(const failure& why);

} // namespace hublink
