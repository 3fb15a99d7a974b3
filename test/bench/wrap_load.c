/* An application whose every call is timed, for `hublink wrap` under load. The destination echoes what begins with 'e'.
 *   wrap_load threads IP PORT THREADS SECS EACH_MS   each thread: a blocking connect, a byte there and back, close; so many ms apart
 *   wrap_load loop IP PORT COUNT AT_ONCE             an event loop with so many connects, at most so many under way; then a byte there and back on each
 * A line for each call: its name, how often, p50, p99 and longest in microseconds; `ended`: since the program's first connect. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum call { CONNECT, WATCH, ERROR, PEER, SEND, RECV, CLOSE, ENDED, CALLS };
static const char* const names[CALLS] = {"connect", "epoll_ctl", "SO_ERROR", "getpeername", "send", "recv", "close", "ended"};
enum { MOST = 1 << 20 };

static float* times[CALLS];
static atomic_uint counts[CALLS];
static double begun, until;

static void took(enum call what, double since) {
  unsigned at = atomic_fetch_add(&counts[what], 1);
  if (at < MOST) times[what][at] = (float)((now() - since) * 1e6);
}

#define TIMED(what, call)    \
  ({                         \
    double since_ = now();   \
    __auto_type got_ = call; \
    int error_ = errno;      \
    took(what, since_);      \
    errno = error_;          \
    got_;                    \
  })

static int fresh(int flags) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) die("socket");
  return fd;
}
static void rest(double seconds) {
  if (seconds <= 0) return;
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

static double pause_s;

static void* one_thread(void* number) {
  unsigned own = (unsigned)(size_t)number;
  char byte = 'e';
  rest(pause_s * (own % 1000) / 1000);
  for (double next = now(); next < until; next += pause_s) {
    rest(next - now());
    int fd = fresh(0);
    if (TIMED(CONNECT, connect(fd, (struct sockaddr*)&where, sizeof where)) != 0) die("connect");
    if (TIMED(SEND, send(fd, &byte, 1, MSG_NOSIGNAL)) != 1) die("send");
    if (TIMED(RECV, recv(fd, &byte, 1, 0)) != 1) die("recv");
    if (TIMED(CLOSE, close(fd)) != 0) die("close");
  }
  took(ENDED, begun);
  return NULL;
}

static void threads(int count, double seconds, double each_ms) {
  pthread_t all[count];
  pthread_attr_t how;
  pause_s = each_ms / 1e3;
  until = now() + seconds;
  pthread_attr_init(&how);
  pthread_attr_setstacksize(&how, 128 * 1024);
  for (int i = 0; i < count; ++i)
    if (pthread_create(&all[i], &how, one_thread, (void*)(size_t)i) != 0) die("pthread_create");
  for (int i = 0; i < count; ++i) pthread_join(all[i], NULL);
}

static void answered(int events_fd, int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  struct sockaddr_in peer;
  socklen_t peer_size = sizeof peer;
  if (TIMED(ERROR, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size)) != 0 || error) errno = error, die("SO_ERROR");
  if (TIMED(PEER, getpeername(fd, (struct sockaddr*)&peer, &peer_size)) != 0) die("getpeername");
  if (peer.sin_addr.s_addr != where.sin_addr.s_addr) errno = 0, die("another peer");
  if (TIMED(SEND, send(fd, "e", 1, MSG_NOSIGNAL)) != 1) die("send");
  struct epoll_event wanted = {.events = EPOLLIN, .data.fd = fd};
  if (TIMED(WATCH, epoll_ctl(events_fd, EPOLL_CTL_MOD, fd, &wanted)) != 0) die("epoll_ctl");
}

static void loop(int count, int at_once) {
  int events_fd = epoll_create1(EPOLL_CLOEXEC), done = 0, asked = 0;
  struct epoll_event ready[64];
  while (done < count) {
    /* As programs do: a few new ones, then a look at what has happened. */
    for (int i = 0; i < 64 && asked < count && asked - done < at_once; ++i, ++asked) {
      int fd = fresh(SOCK_NONBLOCK);
      struct epoll_event wanted = {.events = EPOLLOUT, .data.fd = fd};
      if (TIMED(CONNECT, connect(fd, (struct sockaddr*)&where, sizeof where)) != 0 && errno != EINPROGRESS) die("connect");
      if (TIMED(WATCH, epoll_ctl(events_fd, EPOLL_CTL_ADD, fd, &wanted)) != 0) die("epoll_ctl");
    }
    int waits = asked == count || asked - done >= at_once, found = epoll_wait(events_fd, ready, 64, waits ? 30000 : 0);
    if (found == 0 && waits) errno = ETIMEDOUT, die("epoll_wait");
    for (int i = 0; i < found; ++i) {
      int fd = ready[i].data.fd;
      char byte;
      if (ready[i].events & EPOLLOUT) {
        answered(events_fd, fd);
        continue;
      }
      if (TIMED(RECV, recv(fd, &byte, 1, 0)) != 1) die("recv");
      if (TIMED(CLOSE, close(fd)) != 0) die("close");
      took(ENDED, begun);
      ++done;
    }
  }
}

static int by_size(const void* one, const void* two) {
  float a = *(const float*)one, b = *(const float*)two;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  if (argc != 6 + (argc > 1 && strcmp(argv[1], "threads") == 0))
    return fprintf(stderr, "wrap_load threads IP PORT THREADS SECS EACH_MS | loop IP PORT COUNT AT_ONCE\n"), 2;
  allow_all_descriptors();
  for (int i = 0; i < CALLS; ++i) times[i] = calloc(MOST, sizeof *times[i]);
  if (!set_where(argv[2], argv[3])) return 2;
  begun = now();
  if (argc == 7)
    threads(atoi(argv[4]), atof(argv[5]), atof(argv[6]));
  else
    loop(atoi(argv[4]), atoi(argv[5]));
  for (int i = 0; i < CALLS; ++i) {
    unsigned count = counts[i] < MOST ? counts[i] : MOST;
    if (count == 0) continue;
    qsort(times[i], count, sizeof *times[i], by_size);
    printf("%s %u %.1f %.1f %.1f\n", names[i], count, times[i][count / 2], times[i][count - 1 - count / 100], times[i][count - 1]);
  }
}
