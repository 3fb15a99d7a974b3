// The system's calls that wait for sockets. One whose gateway is there already, but was not spoken to yet, is
// writable to the kernel; it is spoken to here then, and is not writable any more. `epoll`: watches.hpp.
#include "connection.hpp"
#include "dialling.hpp"
#include "real.hpp"
#include "watches.hpp"

#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

using namespace hublink::wrap;

namespace {

constexpr short writable = POLLOUT | POLLWRNORM | POLLWRBAND;
constexpr long second_ns = 1'000'000'000;

/// How long a call has left of what it was told.
class time_left {
 public:
  explicit time_left(const timespec* limit) : limited_(limit != nullptr) {
    if (!limited_) return;
    clock_gettime(CLOCK_MONOTONIC, &end_);
    end_.tv_sec += limit->tv_sec;
    end_.tv_nsec += limit->tv_nsec;
    if (end_.tv_nsec >= second_ns) ++end_.tv_sec, end_.tv_nsec -= second_ns;
  }
  /// Null: endless.
  const timespec* get() {
    if (!limited_) return nullptr;
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left_ = {end_.tv_sec - now.tv_sec, end_.tv_nsec - now.tv_nsec};
    if (left_.tv_nsec < 0) --left_.tv_sec, left_.tv_nsec += second_ns;
    if (left_.tv_sec < 0) left_ = {0, 0};
    return &left_;
  }

 private:
  bool limited_;
  timespec end_{}, left_{};
};

/// What is ready of it once the gateway was spoken to.
short ready_after_push(const pollfd& seen) {
  pollfd again{seen.fd, seen.events, 0};
  if (!(seen.revents & writable) || !push_connection(seen.fd)) return seen.revents;
  const timespec at_once{};
  return real().ppoll(&again, 1, &at_once, nullptr) < 0 ? short{0} : again.revents;
}

int wait_for_all(pollfd* sockets, nfds_t count, const timespec* limit, const sigset_t* mask) {
  if (!is_anybody_dialling()) return real().ppoll(sockets, count, limit, mask);
  for (time_left left{limit};;) {
    auto ready = real().ppoll(sockets, count, left.get(), mask);
    if (ready <= 0) return ready;
    auto kept = errno;
    ready = 0;
    for (nfds_t i = 0; i < count; ++i) {
      if (sockets[i].revents != 0) sockets[i].revents = ready_after_push(sockets[i]);
      ready += sockets[i].revents != 0;
    }
    errno = kept;
    if (ready > 0) return ready;
  }
}

int select_of_all(int count, fd_set* reads, fd_set* writes, fd_set* others, const timespec* limit,
                  const sigset_t* mask) {
  if (!writes || !is_anybody_dialling()) return real().pselect(count, reads, writes, others, limit, mask);
  // A program may have sets of more than FD_SETSIZE, which are not copied: they are left to the kernel.
  if (count > FD_SETSIZE) return real().pselect(count, reads, writes, others, limit, mask);
  fd_set before[3];
  fd_set* sets[3] = {reads, writes, others};
  for (int i = 0; i < 3; ++i)
    if (sets[i]) before[i] = *sets[i];
  for (time_left left{limit};;) {
    auto ready = real().pselect(count, reads, writes, others, left.get(), mask);
    if (ready <= 0) return ready;
    for (int fd = 0; fd < count; ++fd) {
      if (!FD_ISSET(fd, writes) || ready_after_push({fd, POLLOUT, POLLOUT}) != 0) continue;
      FD_CLR(fd, writes);
      --ready;
    }
    if (ready > 0) return ready;
    for (int i = 0; i < 3; ++i)
      if (sets[i]) *sets[i] = before[i];
  }
}

} // namespace

extern "C" {

int poll(pollfd* sockets, nfds_t count, int limit_ms) {
  if (!is_anybody_dialling()) return real().poll(sockets, count, limit_ms);
  timespec limit{limit_ms / 1000, limit_ms % 1000 * 1'000'000L};
  return wait_for_all(sockets, count, limit_ms < 0 ? nullptr : &limit, nullptr);
}

int ppoll(pollfd* sockets, nfds_t count, const timespec* limit, const sigset_t* mask) {
  return wait_for_all(sockets, count, limit, mask);
}

// What these are in programs that were compiled with _FORTIFY_SOURCE.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the C library's names
int __poll_chk(pollfd* sockets, nfds_t count, int limit_ms, size_t) { return poll(sockets, count, limit_ms); }

int __ppoll_chk(pollfd* sockets, nfds_t count, const timespec* limit, const sigset_t* mask, size_t) {
  return ppoll(sockets, count, limit, mask);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

int select(int count, fd_set* reads, fd_set* writes, fd_set* others, timeval* limit) {
  if (!writes || !is_anybody_dialling()) return real().select(count, reads, writes, others, limit);
  if (!limit) return select_of_all(count, reads, writes, others, nullptr, nullptr);
  timespec until{limit->tv_sec, limit->tv_usec * 1000};
  time_left left{&until};
  auto result = select_of_all(count, reads, writes, others, &until, nullptr);
  auto* rest = left.get(); // as Linux does
  *limit = {rest->tv_sec, rest->tv_nsec / 1000};
  return result;
}

int pselect(int count, fd_set* reads, fd_set* writes, fd_set* others, const timespec* limit,
            const sigset_t* mask) {
  return select_of_all(count, reads, writes, others, limit, mask);
}

int epoll_ctl(int epoll, int what, int fd, epoll_event* event) {
  return control_watch(epoll, what, fd, event);
}

} // extern "C"
