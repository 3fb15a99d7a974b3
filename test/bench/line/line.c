// A long, lossy line between two network namespaces: a TUN device in each, and this program carries what goes into one out of the other.
// For kernels without netem. Each way has its own rate, queue and loss; the delay is that of one way.
//   line NAMESPACE NAMESPACE MBIT DELAY_MS LOSS_PERCENT QUEUE_MS [SEED]
// The devices are called `line0`. Prints "ready"; SIGTERM ends it, and prints what was carried, lost and had no room.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { largest = 2048, slots = 1 << 16 };

struct packet {
  int64_t due; // ns
  int size;
  char bytes[largest];
};

struct way {
  int from, to;
  int64_t free_at; // when the last bit of what waits is out
  struct packet* ring;
  uint32_t first, next; // of those under way
  uint64_t carried, lost, no_room;
};

static double ns_a_byte, loss;
static int64_t delay, longest_queue;
static uint64_t state;
static volatile sig_atomic_t over;

static void stop(int number) {
  (void)number;
  over = 1;
}

static void fail(const char* what) {
  fprintf(stderr, "line: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static double draw(void) { // 0 to 1 (splitmix64)
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) / (double)(1ull << 53);
}

static int open_in(const char* name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) fail(path);
  close(space);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq wanted = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strcpy(wanted.ifr_name, "line0");
  if (fd < 0 || ioctl(fd, TUNSETIFF, &wanted) != 0) fail("/dev/net/tun");
  return fd;
}

static void take_in(struct way* of) {
  while (of->next - of->first < slots) {
    struct packet* packet = &of->ring[of->next % slots];
    packet->size = (int)read(of->from, packet->bytes, largest);
    if (packet->size <= 0) return;
    int64_t here = now(), begins = of->free_at > here ? of->free_at : here;
    if (begins - here > longest_queue) {
      ++of->no_room;
      continue;
    }
    of->free_at = begins + (int64_t)(packet->size * ns_a_byte);
    if (draw() < loss) { // it was on the line, and did not arrive
      ++of->lost;
      continue;
    }
    packet->due = of->free_at + delay;
    ++of->next;
  }
}

static int64_t give_out(struct way* of) { // when the next one is due; -1: there is none
  while (of->first != of->next) {
    struct packet* packet = &of->ring[of->first % slots];
    if (packet->due > now()) return packet->due;
    if (write(of->to, packet->bytes, (size_t)packet->size) < 0 && errno != EIO) fail("write"); // EIO: the device is down
    ++of->first;
    ++of->carried;
  }
  return -1;
}

int main(int count, char** words) {
  if (count < 7) {
    fprintf(stderr, "line NAMESPACE NAMESPACE MBIT DELAY_MS LOSS_PERCENT QUEUE_MS [SEED]\n");
    return 2;
  }
  ns_a_byte = 8e3 / atof(words[3]);
  delay = (int64_t)(atof(words[4]) * 1e6);
  loss = atof(words[5]) / 100;
  longest_queue = (int64_t)(atof(words[6]) * 1e6);
  state = count > 7 ? strtoull(words[7], NULL, 10) : 1;
  prctl(PR_SET_TIMERSLACK, 1);
  int one = open_in(words[1]), other = open_in(words[2]);
  struct way ways[2] = {{.from = one, .to = other}, {.from = other, .to = one}};
  for (int i = 0; i < 2; ++i)
    if (!(ways[i].ring = malloc(sizeof(struct packet) * slots))) fail("malloc");
  struct sigaction ending = {.sa_handler = stop};
  sigaction(SIGTERM, &ending, NULL);
  sigaction(SIGINT, &ending, NULL);
  puts("ready");
  fflush(stdout);
  while (!over) {
    int64_t next = -1;
    for (int i = 0; i < 2; ++i) {
      take_in(&ways[i]);
      int64_t due = give_out(&ways[i]);
      if (due >= 0 && (next < 0 || due < next)) next = due;
    }
    int64_t left = next < 0 ? 1000000000 : next - now();
    if (left <= 0) continue;
    struct timespec wait = {left / 1000000000, left % 1000000000};
    struct pollfd both[2] = {{.fd = one, .events = POLLIN}, {.fd = other, .events = POLLIN}};
    if (ppoll(both, 2, &wait, NULL) < 0 && errno != EINTR) fail("poll");
  }
  for (int i = 0; i < 2; ++i)
    printf("%s: %llu carried, %llu lost, %llu without room\n", i ? "back" : "forth", (unsigned long long)ways[i].carried,
           (unsigned long long)ways[i].lost, (unsigned long long)ways[i].no_room);
  return 0;
}
