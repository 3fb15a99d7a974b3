/* The limit of this machine with sealing: chunks of 256 KiB under AES-256-GCM, as hublink seals them, one
 * thread at each end. The relays between are limit_plain's. limit_sealed recv PORT FILE | send FILE PORT
 * (recv serves for ever) */
#include "limit_net.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>

enum { chunk = 256 * 1024, tag = 16 };
static unsigned char plain[chunk], sealed[chunk + tag], key[32] = {1};

static void next_nonce(EVP_CIPHER_CTX* context, unsigned long index) {
  unsigned char nonce[12] = {0};
  memcpy(nonce, &index, sizeof index);
  check(EVP_CipherInit_ex(context, 0, 0, 0, nonce, -1) - 1, "nonce");
}

static void send_file(const char* path, const char* port) {
  int file = open(path, O_RDONLY), sock = connect_to(port), length;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  check(file, path);
  EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), 0, key, 0);
  size_t got = chunk;
  for (unsigned long index = 0; got == chunk; ++index) {
    got = read_all(file, plain, chunk);
    next_nonce(context, index);
    EVP_EncryptUpdate(context, sealed, &length, plain, got);
    EVP_EncryptFinal_ex(context, sealed + length, &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, tag, sealed + got);
    write_all(sock, sealed, got + tag);
  }
  wait_for_answer(sock);
}

static void receive(int near, const char* path) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644), length;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  check(file, path);
  EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), 0, key, 0);
  size_t got;
  for (unsigned long index = 0; (got = read_all(near, sealed, chunk + tag)) >= tag; ++index) {
    next_nonce(context, index);
    EVP_DecryptUpdate(context, plain, &length, sealed, got - tag);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag, sealed + got - tag);
    check(EVP_DecryptFinal_ex(context, plain + length, &length) - 1, "a chunk was altered");
    write_all(file, plain, got - tag);
  }
  EVP_CIPHER_CTX_free(context);
  close(file);
  write_all(near, "k", 1);
}

int main(int count, char** word) {
  if (count == 4 && !strcmp(word[1], "send")) return send_file(word[2], word[3]), 0;
  if (count != 4 || strcmp(word[1], "recv")) return 2;
  for (int listener = listen_on(word[2]);;) {
    int near = accept(listener, 0, 0);
    check(near, "accept");
    receive(near, word[3]);
    close(near);
  }
}
