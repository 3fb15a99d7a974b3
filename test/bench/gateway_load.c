/* The applications at both ends of what is measured. Prints one line.
 *   gateway_load serve IP PORT              echoes what begins with 'e', swallows what begins with 's', for ever
 *   gateway_load bulk IP PORT STREAMS SECS  megabits per second that were swallowed
 *   gateway_load ping IP PORT SECS          p50 and p99 of a 64-byte request's round trip, microseconds
 *   gateway_load open IP PORT AT_ONCE SECS  connections per second: connect, one byte there and back, close
 *   gateway_load idle IP PORT COUNT         holds so many connections open, each with one byte done, until stdin ends
 *   gateway_load udp IP PORT SECS           datagrams per second there and back, 64 on the way */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 18];

static int dial(char first) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr*)&where, sizeof where) != 0) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (send(fd, &first, 1, MSG_NOSIGNAL) != 1) die("send");
  return fd;
}
static void read_exactly(int fd, size_t size) {
  while (size > 0) {
    ssize_t got = recv(fd, buffer, size, 0);
    if (got <= 0) die("recv");
    size -= (size_t)got;
  }
}

/* State of a served connection: 0 new, 'e', 's'. */
static void serve(void) {
  int on = 1, door = socket(AF_INET, SOCK_STREAM, 0), datagrams = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
  static char kinds[1 << 17];
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(datagrams, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(door, (struct sockaddr*)&where, sizeof where) != 0 || listen(door, 4096) != 0) die("listen");
  if (bind(datagrams, (struct sockaddr*)&where, sizeof where) != 0) die("bind");
  int all = epoll_create1(0);
  struct epoll_event one = {.events = EPOLLIN, .data.fd = door}, ready[256];
  epoll_ctl(all, EPOLL_CTL_ADD, door, &one);
  one.data.fd = datagrams;
  epoll_ctl(all, EPOLL_CTL_ADD, datagrams, &one);
  for (;;) {
    int count = epoll_wait(all, ready, 256, -1);
    for (int i = 0; i < count; ++i) {
      int fd = ready[i].data.fd;
      if (fd == door) {
        int fresh = accept4(door, NULL, NULL, SOCK_NONBLOCK);
        if (fresh < 0) continue;
        setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        kinds[fresh] = 0;
        one.data.fd = fresh;
        epoll_ctl(all, EPOLL_CTL_ADD, fresh, &one);
        continue;
      }
      if (fd == datagrams) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        for (int n = 0; n < 64; ++n) {
          ssize_t got = recvfrom(fd, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr*)&from, &length);
          if (got < 0) break;
          sendto(fd, buffer, (size_t)got, 0, (struct sockaddr*)&from, length);
        }
        continue;
      }
      ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EAGAIN) continue;
      if (got <= 0) {
        close(fd);
        continue;
      }
      if (kinds[fd] == 0) kinds[fd] = buffer[0];
      if (kinds[fd] == 'e' && send(fd, buffer, (size_t)got, MSG_NOSIGNAL) < 0) close(fd);
    }
  }
}

/* Counts what the kernel of the far end took in: what is under way at the end is no more than buffers. */
static void bulk(int streams, double seconds) {
  static int fds[1024];
  struct pollfd polled[1024];
  double sent = 0;
  for (int i = 0; i < streams; ++i) {
    fds[i] = dial('s');
    polled[i] = (struct pollfd){fds[i], POLLOUT, 0};
  }
  double begin = now(), counted = begin + 0.5; /* windows have grown by then */
  double end = counted + seconds;
  for (double at = begin; at < end; at = now()) {
    if (poll(polled, (nfds_t)streams, 100) < 0) die("poll");
    for (int i = 0; i < streams; ++i) {
      if (!(polled[i].revents & POLLOUT)) continue;
      ssize_t got = send(fds[i], buffer, sizeof buffer, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (got > 0 && at >= counted) sent += (double)got;
    }
  }
  printf("%.0f\n", sent * 8 / 1e6 / seconds);
}

static int by_value(const void* a, const void* b) { return *(const int*)a < *(const int*)b ? -1 : *(const int*)a > *(const int*)b; }

static void ping(double seconds) {
  static int times[1 << 20];
  int count = 0, fd = dial('e');
  read_exactly(fd, 1);
  for (double end = now() + seconds; now() < end && count < 1 << 20; ++count) {
    double begin = now();
    if (send(fd, buffer, 64, MSG_NOSIGNAL) != 64) die("send");
    read_exactly(fd, 64);
    times[count] = (int)((now() - begin) * 1e6);
    if (seconds > 4) usleep(2000);
  }
  qsort(times, (size_t)count, sizeof *times, by_value);
  printf("%d %d\n", times[count / 2], times[(int)(count * 0.99)]);
}

static void begin_dial(int all) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || (connect(fd, (struct sockaddr*)&where, sizeof where) != 0 && errno != EINPROGRESS)) die("connect");
  struct epoll_event one = {.events = EPOLLOUT, .data.fd = fd};
  epoll_ctl(all, EPOLL_CTL_ADD, fd, &one);
}

static void opens(int at_once, double seconds) {
  int count = 0, all = epoll_create1(0);
  struct linger none = {1, 0};
  struct epoll_event ready[256];
  for (int i = 0; i < at_once; ++i) begin_dial(all);
  for (double end = now() + seconds; now() < end;) {
    int some = epoll_wait(all, ready, 256, 1000);
    for (int i = 0; i < some; ++i) {
      int fd = ready[i].data.fd;
      if (ready[i].events & EPOLLOUT) {
        ready[i].events = EPOLLIN;
        epoll_ctl(all, EPOLL_CTL_MOD, fd, &ready[i]);
        if (send(fd, "e", 1, MSG_NOSIGNAL) != 1) die("send");
        continue;
      }
      if (recv(fd, buffer, 1, 0) != 1) die("recv");
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
      close(fd);
      ++count;
      begin_dial(all);
    }
  }
  printf("%.0f\n", count / seconds);
}

static void idle(int count) {
  for (int i = 0; i < count; ++i) read_exactly(dial('e'), 1);
  printf("ready\n");
  fflush(stdout);
  while (read(0, buffer, 1) > 0) {}
}

static void udp(double seconds) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20, back = 0, out = 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (connect(fd, (struct sockaddr*)&where, sizeof where) != 0) die("connect");
  struct pollfd one = {fd, POLLIN, 0};
  for (double end = now() + seconds; now() < end;) {
    while (out - back < 64) {
      if (send(fd, buffer, 64, 0) < 0) break;
      ++out;
    }
    if (poll(&one, 1, 200) == 0) out = back; /* the rest was lost */
    while (recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0) ++back;
  }
  printf("%.0f\n", back / seconds);
}

int main(int argc, char** argv) {
  allow_all_descriptors();
  signal(SIGPIPE, SIG_IGN);
  if (argc < 4) return 2;
  if (!set_where(argv[2], argv[3])) return 2;
  double last = argc > 4 ? atof(argv[argc - 1]) : 0;
  if (!strcmp(argv[1], "serve")) serve();
  if (!strcmp(argv[1], "bulk")) bulk(atoi(argv[4]), last);
  if (!strcmp(argv[1], "ping")) ping(last);
  if (!strcmp(argv[1], "open")) opens(atoi(argv[4]), last);
  if (!strcmp(argv[1], "idle")) idle((int)last);
  if (!strcmp(argv[1], "udp")) udp(last);
  return 0;
}
