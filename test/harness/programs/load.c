// load WAY LIBRARY ADDRESS PORT: connects by what it loads, and prints what comes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** words) {
  if (count != 5) return 2;
  const char *way = words[1], *library = words[2];
  void* loaded = NULL;
  if (strcmp(way, "plain") == 0) loaded = dlopen(library, RTLD_NOW);
  if (strcmp(way, "deep") == 0) loaded = dlopen(library, RTLD_NOW | RTLD_DEEPBIND);
  if (strcmp(way, "namespace") == 0) loaded = dlmopen(LM_ID_NEWLM, library, RTLD_NOW);
  if (strcmp(way, "handle") == 0) loaded = dlopen("libc.so.6", RTLD_NOW);
  if (!loaded) {
    fprintf(stderr, "load: %s\n", dlerror());
    return 1;
  }
  int one;
  if (strcmp(way, "handle") == 0) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(words[4]))};
    int (*dial)(int, const struct sockaddr*, socklen_t) = (int (*)(int, const struct sockaddr*, socklen_t))dlsym(loaded, "connect");
    inet_pton(AF_INET, words[3], &to.sin_addr);
    one = socket(AF_INET, SOCK_STREAM, 0);
    if (dial(one, (struct sockaddr*)&to, sizeof to) != 0) return 1;
  } else {
    one = ((int (*)(const char*, int))dlsym(loaded, "dial"))(words[3], atoi(words[4]));
    if (one < 0) return 1;
  }
  char text[100];
  long got;
  while ((got = read(one, text, sizeof text)) > 0) fwrite(text, 1, got, stdout);
  return 0;
}
