#pragma once
/// What brings an application's bytes to the stream at the other gateway: a link to it, or this node itself.
#include "protocol/gateway/mux_frame.hpp"

namespace hublink {

class stream_line {
 public:
  virtual ~stream_line() = default;
  /// There may be something to pull.
  virtual void readable(mux_id stream) = 0;
  /// So much of what was delivered is out of memory.
  virtual void consumed(mux_id stream, std::size_t count) = 0;
  /// The application has taken something, perhaps of what came long ago.
  virtual void tell_moved(mux_id stream) = 0;
  /// Takes no more of what comes.
  virtual void stop(mux_id stream) = 0;
  /// How the application watches over its connection: for the one to its destination.
  virtual void keep_alive(mux_id stream, const mux_keep_alive& how) = 0;
  /// The application is gone; resets the stream if it still is there.
  virtual void forget(mux_id stream, mux_reason why = mux_reason::failed) = 0;
};

} // namespace hublink
