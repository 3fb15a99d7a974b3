#include "node/circuit/splicer.hpp"
#include "node/base/fault_point.hpp"

#include <asio/post.hpp>

#include <fcntl.h>

namespace hublink {
namespace {

/// Rounds of one direction in a row, before others get their turn.
constexpr int rounds_in_a_row = 16;

// Never SPLICE_F_MORE: on an open stream it holds the last bytes back until more come (0.4 s a round trip).
ssize_t splice_some(int from, int to, std::size_t size) {
  return uninterrupted(
      [&] { return ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK); });
}

} // namespace

splicer::splicer(data_socket near, data_socket far, std::shared_ptr<pipe_pool> pipes,
                 std::function<void(report)> on_end)
    : near_(std::move(near)), far_(std::move(far)), pipes_(std::move(pipes)),
      on_end_(std::move(on_end)), forth_{near_.socket, far_.socket, "near", {}, 0, 0, false},
      back_{far_.socket, near_.socket, "far", {}, 0, 0, false} {}

void splicer::start() {
  watch(near_.socket, "near");
  watch(far_.socket, "far");
  move(forth_);
  move(back_);
}

void splicer::close(const failure& why) {
  for (auto direction : {&forth_, &back_})
    if (!direction->over) move(*direction);
  finish(why);
}

void splicer::move(flow& direction) {
  for (int round = 0; round < rounds_in_a_row; ++round) {
    if (!on_end_) return;
    if (direction.inside == 0 && !take_in(direction)) return;
    if (!pass_on(direction)) return;
  }
  asio::post(near_.socket.get_executor(), [self = shared_from_this(), &direction] { self->move(direction); });
}

bool splicer::take_in(flow& direction) {
  if (!direction.pipe) {
    auto lent = pipes_->borrow();
    if (!lent) {
      finish(lent.error());
      return false;
    }
    direction.pipe = std::move(*lent);
  }
  auto moved =
      splice_some(direction.from.native_handle(), direction.pipe->in.get(), direction.pipe->capacity);
  if (moved > 0) {
    direction.inside = static_cast<std::size_t>(moved);
    return true;
  }
  auto error = last_error();
  give_back(direction);
  if (moved == 0)
    end_flow(direction);
  else if (error == std::errc::resource_unavailable_try_again)
    wait(direction, direction.from, tcp::socket::wait_read);
  else
    broken(direction.origin, error);
  return false;
}

bool splicer::pass_on(flow& direction) {
  auto moved = splice_some(direction.pipe->out.get(), direction.to.native_handle(), direction.inside);
  if (moved >= 0) {
    direction.inside -= static_cast<std::size_t>(moved);
    direction.carried += static_cast<std::uint64_t>(moved);
    fault_point::reach("carried-bytes", direction.carried);
    return true;
  }
  auto error = last_error();
  if (error == std::errc::resource_unavailable_try_again)
    wait(direction, direction.to, tcp::socket::wait_write);
  else
    broken(&direction == &forth_ ? "far" : "near", error);
  return false;
}

void splicer::end_flow(flow& direction) {
  direction.over = true;
  std::error_code error;
  direction.to.shutdown(tcp::socket::shutdown_send, error);
  if (error) return broken(&direction == &forth_ ? "far" : "near", error);
  if (forth_.over && back_.over) finish({});
}

void splicer::give_back(flow& direction) {
  pipes_->give_back(std::move(*direction.pipe));
  direction.pipe.reset();
}

void splicer::wait(flow& direction, tcp::socket& socket, tcp::socket::wait_type event) {
  socket.async_wait(event, [self = shared_from_this(), &direction](std::error_code error) {
    if (!error) self->move(direction);
  });
}

// A direction that waits for one socket would not notice that the other one broke.
void splicer::watch(tcp::socket& socket, const char* where) {
  socket.async_wait(tcp::socket::wait_error,
                    [self = shared_from_this(), &socket, where](std::error_code error) {
                      if (error || !self->on_end_) return;
                      if (auto pending = pending_error(socket)) self->broken(where, pending);
                    });
}

void splicer::broken(const char* where, std::error_code error) {
  finish(
      failure{errc::cut, {}, std::string("the circuit broke on its ") + where + " side: " + error.message()});
}

void splicer::finish(outcome<> result) {
  auto tell = std::exchange(on_end_, nullptr);
  if (!tell) return;
  for (auto each : {&near_, &far_}) {
    if (result)
      each->close();
    else
      each->reset();
  }
  forth_.pipe.reset(); // bytes may be inside
  back_.pipe.reset();
  tell({std::move(result), forth_.carried, back_.carried});
}

} // namespace hublink
