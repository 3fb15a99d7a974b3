/* What the limit programs share: sockets on loopback addresses, loops that write all and read all. */
#pragma once
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void check(long result, const char* what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
}

/* PORT of 127.0.0.1, or IP:PORT */
static inline struct sockaddr_in loopback(const char* where) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  const char* colon = strchr(where, ':');
  char ip[INET_ADDRSTRLEN] = "127.0.0.1";
  if (colon) snprintf(ip, sizeof ip, "%.*s", (int)(colon - where), where);
  address.sin_port = htons(atoi(colon ? colon + 1 : where));
  check(inet_pton(AF_INET, ip, &address.sin_addr) - 1, where);
  return address;
}

/* Says `ready` once connections are taken. */
static inline int listen_on(const char* port) {
  struct sockaddr_in address = loopback(port);
  int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  check(setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  check(bind(sock, (void*)&address, sizeof address), "bind");
  check(listen(sock, 8), "listen");
  puts("ready");
  fflush(stdout);
  return sock;
}

static inline int connect_to(const char* port) {
  struct sockaddr_in address = loopback(port);
  int sock = socket(AF_INET, SOCK_STREAM, 0);
  check(connect(sock, (void*)&address, sizeof address), "connect");
  return sock;
}

static inline void write_all(int fd, const void* data, size_t count) {
  for (const char* at = data; count > 0;) {
    ssize_t written = write(fd, at, count);
    check(written, "write");
    at += written, count -= written;
  }
}

/* How many bytes there were before the end. */
static inline size_t read_all(int fd, void* data, size_t count) {
  size_t got = 0;
  while (got < count) {
    ssize_t part = read(fd, (char*)data + got, count - got);
    check(part, "read");
    if (part == 0) break;
    got += part;
  }
  return got;
}

/* The receiver answers one byte when it has all; relays pass it on. */
static inline void wait_for_answer(int sock) {
  char answer;
  shutdown(sock, SHUT_WR);
  if (read(sock, &answer, 1) != 1) {
    fputs("no answer\n", stderr);
    exit(1);
  }
}
