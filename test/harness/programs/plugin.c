// What a program loads: connects as it finds `connect`.
#include <arpa/inet.h>

int dial(const char* address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int one = socket(AF_INET, SOCK_STREAM, 0);
  return connect(one, (struct sockaddr*)&to, sizeof to) == 0 ? one : -1;
}
