/* The limit of this machine for one direction of a stream between two gateways: read, seal as TLS 1.3 does, send; a process for each
 * connection, no mux. limit_tls near PORT NEXT | far PORT NEXT KEY (serve for ever; NEXT: IP:PORT; KEY: file with certificate and key) */
#include "limit_net.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>

static char data[64 * 1024];

static void carry(SSL_CTX* context, int is_near, int from, int to) {
  SSL* line = SSL_new(context);
  SSL_set_fd(line, is_near ? to : from);
  check((is_near ? SSL_connect(line) : SSL_accept(line)) - 1, "handshake");
  ssize_t got;
  if (is_near)
    while ((got = read(from, data, sizeof data)) > 0 && SSL_write(line, data, (int)got) > 0) {}
  else
    while ((got = SSL_read(line, data, sizeof data)) > 0) write_all(to, data, (size_t)got);
}

int main(int count, char** word) {
  if (count < 4) return 2;
  int is_near = !strcmp(word[1], "near");
  SSL_CTX* context = SSL_CTX_new(is_near ? TLS_client_method() : TLS_server_method());
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_read_ahead(context, 1);
  if (!is_near && (count < 5 || SSL_CTX_use_certificate_file(context, word[4], SSL_FILETYPE_PEM) != 1 ||
                   SSL_CTX_use_PrivateKey_file(context, word[4], SSL_FILETYPE_PEM) != 1))
    return 2;
  signal(SIGCHLD, SIG_IGN);
  for (int listener = listen_on(word[2]);;) {
    int from = accept(listener, 0, 0);
    check(from, "accept");
    if (fork() == 0) {
      carry(context, is_near, from, connect_to(word[3]));
      return 0;
    }
    close(from);
  }
}
