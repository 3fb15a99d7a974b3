#include "dialling.hpp"
#include "connection.hpp"
#include "fork_lock.hpp"
#include "socket_descriptors.hpp"
#include "watches.hpp"

#include <atomic>
#include <cerrno>
#include <sys/epoll.h>

namespace hublink::wrap {

namespace {

constexpr int most_sockets = 1 << 20; ///< by number; only pages in use cost memory
constexpr int look_again_ms = 1000, rest_ms = 100;
constexpr std::size_t stack_size = 256 * 1024;

socket_number followed[most_sockets]; ///< the kernel's number of the socket, by descriptor
int highest = -1;
std::atomic<int> following, connecting;
int events_fd = -1;
bool has_helper;

bool watch(int fd) {
  epoll_event wanted{EPOLLOUT | EPOLLONESHOT, {.fd = fd}};
  return real().epoll_ctl(events_fd, EPOLL_CTL_ADD, fd, &wanted) == 0 ||
         (errno == EEXIST && real().epoll_ctl(events_fd, EPOLL_CTL_MOD, fd, &wanted) == 0);
}

void drop(int fd) {
  followed[fd] = 0;
  --following;
}

/// The application closed a descriptor, without the library, of a socket that may have another one.
void find_again(int fd) {
  auto number = followed[fd];
  drop(fd);
  visit_descriptors(number, [](int other) {
    follow(other);
    return false;
  });
}

void look_after_all() {
  for (int fd = 0; fd <= highest; ++fd)
    if (followed[fd] && number_of(fd) != followed[fd]) find_again(fd);
  while (highest >= 0 && followed[highest] == 0) --highest;
}

/// A stranger closed the library's descriptor.
void begin_anew() {
  events_fd = real().epoll_create1(EPOLL_CLOEXEC);
  for (int fd = 0; fd <= highest; ++fd)
    if (followed[fd]) watch(fd);
}

void take(int fd) {
  if (number_of(fd) != followed[fd]) {
    guard held;
    if (followed[fd]) look_after_all();
    return;
  }
  push_connection(fd);
  auto state = look(fd).tcpi_state;
  if (state != state_dialling && !followed[fd]) return; // as is usual
  guard held;
  if (state == state_dialling)
    watch(fd);
  else
    follow_no_more(fd);
}

bool is_over() {
  guard held;
  if (following > 0) return false;
  real().close(events_fd);
  events_fd = -1;
  has_helper = false;
  return true;
}

void* help(void*) {
  epoll_event events[64];
  for (;;) {
    auto count = real().epoll_wait(events_fd, events, 64, following > 0 ? look_again_ms : rest_ms);
    for (int i = 0; i < count; ++i) take(events[i].data.fd);
    if (count == 0 && is_over()) return nullptr;
    if (count > 0) continue;
    guard held;
    if (count < 0 && errno == EBADF) begin_anew();
    look_after_all();
  }
}

// Signals are blocked by the lock, and stay so for the thread.
bool start_helper() {
  if (has_helper) return true;
  if (events_fd < 0) events_fd = real().epoll_create1(EPOLL_CLOEXEC);
  pthread_attr_t how;
  pthread_attr_init(&how);
  pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&how, stack_size);
  pthread_t helper;
  has_helper = events_fd >= 0 && pthread_create(&helper, &how, help, nullptr) == 0;
  pthread_attr_destroy(&how);
  if (has_helper) pthread_setname_np(helper, "hublink-wrap");
  return has_helper;
}

// The parent goes on with its own.
void forget_in_child() {
  for (int fd = 0; fd <= highest; ++fd) followed[fd] = 0;
  highest = -1;
  following = 0;
  connecting = 0;
  has_helper = false;
  if (events_fd >= 0) real().close(events_fd);
  events_fd = -1;
}

[[gnu::constructor]] void prepare_for_fork() { pthread_atfork(nullptr, nullptr, forget_in_child); }

} // namespace

bool is_anybody_dialling() { return following > 0 || connecting > 0; }

dialling_now::dialling_now() { ++connecting; }
dialling_now::~dialling_now() { --connecting; }

bool follow(int fd) {
  if (fd >= most_sockets || !start_helper()) return false;
  if (!followed[fd]) ++following;
  followed[fd] = number_of(fd);
  if (fd > highest) highest = fd;
  hold_watch(fd, followed[fd]);
  if (watch(fd)) return true;
  follow_no_more(fd);
  return false;
}

void follow_no_more(int fd) {
  if (fd >= most_sockets || !followed[fd]) return;
  release_watch(fd, followed[fd]);
  drop(fd);
}

bool is_followed(int fd) {
  return fd >= 0 && fd < most_sockets && followed[fd] && number_of(fd) == followed[fd];
}

} // namespace hublink::wrap
