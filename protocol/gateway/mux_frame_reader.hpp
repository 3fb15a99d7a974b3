#pragma once
/// Cuts the bytes of a gateway link into frames. What a `data` frame carries comes in the pieces in which it
/// arrives, every other body whole.
#include "protocol/gateway/mux_frame.hpp"

#include <optional>

namespace hublink {

class mux_frame_reader {
 public:
  struct part {
    mux_head head;
    byte_view body; ///< until the next call
  };
  /// Takes what it needs off the front of `data`. Nothing: that was too little. `bad_message` as `read_head`.
  outcome<std::optional<part>> next(byte_view& data);

 private:
  /// True once it is known.
  outcome<bool> take_head(byte_view& data);

  mux_head head_{};         ///< of the frame that comes
  std::size_t missing_ = 0; ///< of its body
  bytes partial_;           ///< of a head or of a body that must be whole
  bytes whole_;
};

} // namespace hublink
