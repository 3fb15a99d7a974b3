#pragma once
/// What a connection begins with: to whom it goes, said to the gateway in one piece, and padding, which the
/// gateway leaves unread until the destination has answered. Nothing is said back. docs/protocol/gateways.md,
/// "Answers without a reply".
#include "note.hpp"

#include <sys/types.h>

namespace hublink::wrap {

class opening {
 public:
  /// Of a gateway's listener, and of a machine that takes as much unread as is usual.
  static constexpr std::uint32_t padding = 10 * 1024, usual_padding = 132 * 1024;
  /// A gateway's listener offers no greater window than that.
  static constexpr std::uint32_t listeners_window = 8 * 1024;

  /// Of `fd`; what its application has set of it goes along.
  opening(int fd, const note& known, std::uint32_t padding);

  std::uint32_t size() const { return head_size_ + padding_; }
  /// All but the last `but` bytes, at once, or an error.
  int say(int fd, std::uint32_t but) const;
  /// The last one: waits until the destination has answered, or as `send` does for a deadline and signals. 0,
  /// or an error.
  static int say_last(int fd, int flags);

 private:
  unsigned char head_[1'100];
  std::uint32_t head_size_, padding_;
};

} // namespace hublink::wrap
