#pragma once
/// Moves bytes between a circuit's socket and a transfer's file, without their entering user space: splice(2)
/// through a pipe, sendfile(2). Where the file has no descriptor for it, or its file system knows neither,
/// they go through a buffer. One thread.
#include "actors/ports/file_store.hpp"
#include "node/circuit/pipe_pool.hpp"
#include "node/socket/sockets.hpp"

namespace hublink {

struct moved_bytes {
  std::size_t count = 0;
  std::error_code socket{}; ///< what the socket said, if it moved none: that it would block, or is broken
};

/// What a call on a socket that doesn't block said.
inline moved_bytes as_moved(ssize_t result) {
  if (result < 0) return {0, last_error()};
  return {static_cast<std::size_t>(result), {}};
}

/// Sockets don't block. Failures are the file's; what was taken from the socket then is lost.
class file_flow {
 public:
  explicit file_flow(std::shared_ptr<pipe_pool> pipes) : pipes_(std::move(pipes)) {}

  /// The socket's next bytes, as many of that part as have come, into the file. None and no error: its end.
  outcome<moved_bytes> take(int socket, transfer_file& file, const file_range& part);
  /// As many bytes of that part as the socket takes now.
  outcome<moved_bytes> give(int socket, transfer_file& file, const file_range& part);

 private:
  outcome<moved_bytes> take_by_hand(int socket, transfer_file& file, const file_range& part);
  outcome<> drain(const splice_pipe& pipe, transfer_file& file, file_range part);
  std::span<std::byte> buffer(std::size_t wanted);

  std::shared_ptr<pipe_pool> pipes_;
  bool splices_ = true, sends_ = true; ///< until the kernel says that it can't
  bytes buffer_;                       ///< empty until it is needed
};

} // namespace hublink
