#include "node/circuit/file_flow.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>

namespace hublink {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

/// Not this file, or not this way.
bool is_unfit(int error) { return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP; }

} // namespace

std::span<std::byte> file_flow::buffer(std::size_t wanted) {
  buffer_.resize(buffer_size);
  return std::span(buffer_).first(std::min(wanted, buffer_.size()));
}

outcome<moved_bytes> file_flow::take(int socket, transfer_file& file, const file_range& part) {
  if (auto room = file.make_room(part.offset + part.count); !room) return room.error();
  if (!splices_ || file.descriptor() < 0) return take_by_hand(socket, file, part);
  auto pipe = pipes_->borrow();
  if (!pipe) return take_by_hand(socket, file, part);
  auto came = as_moved(uninterrupted([&] {
    return ::splice(socket, nullptr, pipe->in.get(), nullptr, std::min(part.count, pipe->capacity),
                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }));
  if (came.count > 0)
    if (auto drained = drain(*pipe, file, {part.offset, came.count}); !drained) return drained.error();
  pipes_->give_back(std::move(*pipe)); // which is empty
  if (!is_unfit(came.socket.value())) return came;
  splices_ = false;
  return take_by_hand(socket, file, part);
}

// What splice(2) does not write is written from a buffer: then the file says what is wrong, if it is.
outcome<> file_flow::drain(const splice_pipe& pipe, transfer_file& file, file_range part) {
  while (part.count > 0) {
    auto at = static_cast<off_t>(part.offset);
    auto moved = splices_ ? uninterrupted([&] {
      return ::splice(pipe.out.get(), nullptr, file.descriptor(), &at, part.count, SPLICE_F_MOVE);
    })
                          : 0;
    if (moved <= 0) {
      if (moved < 0 && is_unfit(errno)) splices_ = false;
      auto room = buffer(part.count);
      moved = uninterrupted([&] { return ::read(pipe.out.get(), room.data(), room.size()); });
      if (moved <= 0) return {errc::io_error, "can't read a pipe: " + last_error().message()};
      auto written = file.write(part.offset, room.first(static_cast<std::size_t>(moved)));
      if (!written) return written;
    }
    part.offset += static_cast<std::uint64_t>(moved);
    part.count -= static_cast<std::size_t>(moved);
  }
  return {};
}

outcome<moved_bytes> file_flow::take_by_hand(int socket, transfer_file& file, const file_range& part) {
  auto room = buffer(part.count);
  auto came = as_moved(uninterrupted([&] { return ::recv(socket, room.data(), room.size(), MSG_DONTWAIT); }));
  if (came.count > 0)
    if (auto written = file.write(part.offset, room.first(came.count)); !written) return written.error();
  return came;
}

// sendfile(2) does not tell whose error it was: reading the file does.
outcome<moved_bytes> file_flow::give(int socket, transfer_file& file, const file_range& part) {
  moved_bytes sent;
  if (sends_ && file.descriptor() >= 0) {
    auto at = static_cast<off_t>(part.offset);
    sent = as_moved(uninterrupted([&] { return ::sendfile(socket, file.descriptor(), &at, part.count); }));
    if (sent.count > 0 || sent.socket == std::errc::resource_unavailable_try_again) return sent;
    if (is_unfit(sent.socket.value())) sends_ = false;
  }
  auto held = buffer(part.count);
  if (auto read = file.read(part.offset, held); !read) return read.error();
  if (sent.socket && sends_) return sent;
  return as_moved(
      uninterrupted([&] { return ::send(socket, held.data(), held.size(), MSG_NOSIGNAL | MSG_DONTWAIT); }));
}

} // namespace hublink
