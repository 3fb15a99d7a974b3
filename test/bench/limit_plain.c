/* The limit of this machine without sealing: a file by sendfile(2) through relays that splice(2).
 *   limit_plain recv PORT FILE | relay PORT NEXT-PORT | send FILE PORT     (recv, relay: for ever) */
#define _GNU_SOURCE
#include "limit_net.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { pipe_size = 1 << 20 };

static void send_file(const char* path, const char* port) {
  int file = open(path, O_RDONLY), sock = connect_to(port);
  struct stat facts;
  check(file, path);
  check(fstat(file, &facts), path);
  for (off_t sent = 0; sent < facts.st_size;)
    check(sendfile(sock, file, &sent, facts.st_size - sent), "sendfile");
  wait_for_answer(sock);
}

static void relay(int near, int far) {
  int ends[2];
  check(pipe(ends), "pipe");
  check(fcntl(ends[0], F_SETPIPE_SZ, pipe_size), "F_SETPIPE_SZ");
  for (ssize_t in; (in = splice(near, 0, ends[1], 0, pipe_size, SPLICE_F_MOVE)) > 0;)
    while (in > 0) {
      ssize_t out = splice(ends[0], 0, far, 0, in, SPLICE_F_MOVE);
      check(out, "splice");
      in -= out;
    }
  wait_for_answer(far);
  write_all(near, "k", 1);
  close(ends[0]), close(ends[1]), close(far);
}

static void receive(int near, const char* path) {
  static char buffer[pipe_size];
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  check(file, path);
  for (size_t got; (got = read_all(near, buffer, sizeof buffer)) > 0;) write_all(file, buffer, got);
  close(file);
  write_all(near, "k", 1);
}

int main(int count, char** word) {
  if (count == 4 && !strcmp(word[1], "send")) return send_file(word[2], word[3]), 0;
  if (count != 4 || (strcmp(word[1], "relay") && strcmp(word[1], "recv"))) return 2;
  for (int listener = listen_on(word[2]);;) {
    int near = accept(listener, 0, 0);
    check(near, "accept");
    if (!strcmp(word[1], "relay"))
      relay(near, connect_to(word[3]));
    else
      receive(near, word[3]);
    close(near);
  }
}
