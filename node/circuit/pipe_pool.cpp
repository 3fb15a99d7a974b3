#include "node/circuit/pipe_pool.hpp"

#include <fcntl.h>

#include <system_error>

namespace hublink {
namespace {
constexpr int wanted_capacity = 1 << 20;
constexpr std::size_t max_idle = 16;
} // namespace

outcome<splice_pipe> pipe_pool::borrow() {
  {
    std::lock_guard guard{lock_};
    if (!idle_.empty()) {
      auto pipe = std::move(idle_.back());
      idle_.pop_back();
      return pipe;
    }
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0)
    return {errc::busy, "can't make a pipe: " + std::generic_category().message(errno)};
  splice_pipe made{unique_fd(ends[0]), unique_fd(ends[1]), 0};
  auto got = ::fcntl(ends[1], F_SETPIPE_SZ, wanted_capacity);
  if (got < 0) got = ::fcntl(ends[1], F_GETPIPE_SZ);
  made.capacity = static_cast<std::size_t>(got);
  return made;
}

void pipe_pool::give_back(splice_pipe pipe) {
  std::lock_guard guard{lock_};
  if (idle_.size() < max_idle) idle_.push_back(std::move(pipe));
}

} // namespace hublink
