// dial ADDRESS PORT: connects, and prints what it reads until the end.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char** words) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  char text[100];
  long got;
  if (count != 3 || inet_pton(AF_INET, words[1], &to.sin_addr) != 1) return 2;
  to.sin_port = htons(atoi(words[2]));
  int one = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(one, (struct sockaddr*)&to, sizeof to) != 0) {
    perror("dial");
    return 1;
  }
  while ((got = read(one, text, sizeof text)) > 0) fwrite(text, 1, got, stdout);
  return 0;
}
