// The system's calls by which a descriptor ends. Those of the library itself stay: the application can't know
// of them, and means all that it did not open.
#include "connection.hpp"
#include "flows.hpp"
#include "socket_options.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace hublink::wrap;

namespace {

#ifndef CLOSE_RANGE_CLOEXEC
constexpr int CLOSE_RANGE_CLOEXEC = 4;
#endif

/// Keeps errno.
void end_socket(int fd) {
  auto kept = errno;
  close_connection(fd);
  forget(fd);
  errno = kept;
}

} // namespace

extern "C" {

int close(int fd) {
  if (is_own(fd)) {
    errno = EBADF;
    return -1;
  }
  end_socket(fd);
  return real().close(fd);
}

int dup2(int from, int to) {
  if (from == to || ::fcntl(from, F_GETFD) < 0) return real().dup2(from, to);
  move_own(to);
  end_socket(to);
  return real().dup2(from, to);
}

int dup3(int from, int to, int flags) {
  if (from == to || ::fcntl(from, F_GETFD) < 0) return real().dup3(from, to, flags);
  move_own(to);
  end_socket(to);
  return real().dup3(from, to, flags);
}

int close_range(unsigned first, unsigned last, int flags) {
  if (first > last || (flags & CLOSE_RANGE_CLOEXEC)) return real().close_range(first, last, flags);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  auto begin = first;
  for (auto fd = first; fd <= last && fd < limit.rlim_cur; ++fd) {
    auto number = static_cast<int>(fd);
    if (number_of(number) == 0) continue; // no socket
    if (!is_own(number)) {
      end_socket(number);
      continue;
    }
    if (fd > begin) real().close_range(begin, fd - 1, flags);
    begin = fd + 1;
  }
  return begin > last ? 0 : real().close_range(begin, last, flags);
}

void closefrom(int first) { close_range(first < 0 ? 0U : static_cast<unsigned>(first), ~0U, 0); }

} // extern "C"
