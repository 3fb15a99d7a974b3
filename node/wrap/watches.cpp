#include "watches.hpp"
#include "dialling.hpp"
#include "fork_lock.hpp"
#include "socket_options.hpp"

#include <cstdint>

namespace hublink::wrap {

namespace {

constexpr int most_watches = 1 << 16; ///< by descriptor; only pages in use cost memory
constexpr std::uint32_t ways = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP;

struct interest {
  unsigned long long number; ///< of the socket; 0: none
  epoll_event wanted;
  int epoll;
};
constexpr int most_of_one = 2;
interest interests[most_watches][most_of_one];

int set(const interest& what, int fd, int how, bool held) {
  auto event = what.wanted;
  if (held) event.events &= ways;
  return real().epoll_ctl(what.epoll, how, fd, &event);
}

/// It may be one that will be connected, or is about to be.
bool is_unconnected(int fd) {
  if (!is_stream(fd)) return false;
  auto state = look(fd).tcpi_state;
  return state == state_closed || is_followed(fd);
}

/// The one of that `epoll`, or a free one. Null: there are too many, which the kernel is left to.
interest* place_for(int epoll, int fd) {
  interest* place = nullptr;
  auto number = number_of(fd);
  for (auto& known : interests[fd]) {
    if (known.number && known.epoll == epoll) return &known;
    if (known.number != number) place = &known;
  }
  return place;
}

} // namespace

int control_watch(int epoll, int what, int fd, epoll_event* event) {
  if (fd < 0 || fd >= most_watches || (event && (event->events & EPOLLEXCLUSIVE)))
    return real().epoll_ctl(epoll, what, fd, event);
  guard held;
  auto* known = place_for(epoll, fd);
  if (!known || !event || what == EPOLL_CTL_DEL || !is_unconnected(fd)) {
    if (known) *known = {};
    return real().epoll_ctl(epoll, what, fd, event);
  }
  interest fresh{number_of(fd), *event, epoll};
  auto result = set(fresh, fd, what, is_followed(fd));
  if (result == 0) *known = fresh;
  return result;
}

void hold_watch(int fd, unsigned long long number) {
  if (fd >= most_watches) return;
  for (const auto& known : interests[fd])
    if (known.number == number) set(known, fd, EPOLL_CTL_MOD, true);
}

void release_watch(int fd, unsigned long long number) {
  if (fd >= most_watches) return;
  for (auto& known : interests[fd]) {
    if (known.number == number) set(known, fd, EPOLL_CTL_MOD, false);
    known = {};
  }
}

void move_watch(int fd, unsigned long long from, unsigned long long to) {
  if (fd >= most_watches) return;
  for (auto& known : interests[fd]) {
    if (known.number != from) continue;
    known.number = to;
    set(known, fd, EPOLL_CTL_ADD, false);
  }
}

} // namespace hublink::wrap
