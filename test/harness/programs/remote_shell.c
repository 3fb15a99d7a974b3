// remote_shell rcmd|rexec ADDRESS PORT: prints what a command there says, by the C library's remote shells.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** words) {
  char text[100];
  long got;
  if (count != 4) return 2;
  char* host = words[2];
  int port = htons(atoi(words[3]));
  int one = strcmp(words[1], "rcmd") == 0 ? rcmd(&host, port, "me", "me", "command", 0)
                                          : rexec(&host, port, "me", "secret", "command", 0);
  if (one < 0) return 1;
  while ((got = read(one, text, sizeof text)) > 0) fwrite(text, 1, got, stdout);
  return 0;
}
