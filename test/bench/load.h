/* What the load programs share: the clock, the destination, the end of one that can't go on. */
#pragma once
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static struct sockaddr_in where;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char* what) {
  perror(what);
  exit(1);
}

/* 0: that is no address. */
static int set_where(const char* ip, const char* port) {
  where.sin_family = AF_INET;
  where.sin_port = htons((unsigned short)atoi(port));
  return inet_pton(AF_INET, ip, &where.sin_addr) == 1;
}

static void allow_all_descriptors(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}
