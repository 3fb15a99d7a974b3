#include "protocol/transfer/sealed_stream.hpp"
#include "support/catch.hpp"

#include <openssl/evp.h>

using namespace hublink;

namespace {

content_key some_key() {
  content_key key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(i + 1);
  return key;
}

const stream_id some_stream{"000102030405060708090a0b0c0d0e0f", 2, 3};

struct sealed_chunk {
  bytes data;
  std::array<std::byte, tag_size> tag{};
};

sealed_chunk seal(std::string_view text, std::uint64_t index, bool last,
                  const stream_id& stream = some_stream) {
  stream_cipher cipher{stream_cipher::direction::seal, some_key(), stream};
  auto view = as_bytes(text);
  sealed_chunk made{{view.begin(), view.end()}, {}};
  REQUIRE(cipher.seal(index, last, made.data, made.tag));
  return made;
}

bool opens(sealed_chunk chunk, std::uint64_t index, bool last, const stream_id& stream = some_stream) {
  stream_cipher cipher{stream_cipher::direction::open, some_key(), stream};
  return cipher.open(index, last, chunk.data, chunk.tag);
}

} // namespace

TEST_CASE("a chunk is AES-256-GCM with the documented nonce and associated data") {
  auto made = seal("content", 0x0102030405060708, true);
  // The same by hand: nonce = index | 3 zero bytes | flag, data = transfer | generation | attempt | index.
  const unsigned char nonce[12] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1};
  const unsigned char data[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                  0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3,  4,  5,  6,  7,  8};
  auto key = some_key();
  auto* by_hand = EVP_CIPHER_CTX_new();
  bytes sealed(7), tag(16);
  int size = 0;
  auto raw = [](auto& from) { return reinterpret_cast<unsigned char*>(from.data()); };
  EVP_EncryptInit_ex(by_hand, EVP_aes_256_gcm(), nullptr, raw(key), nonce);
  EVP_EncryptUpdate(by_hand, nullptr, &size, data, sizeof(data));
  EVP_EncryptUpdate(by_hand, raw(sealed), &size, reinterpret_cast<const unsigned char*>("content"), 7);
  EVP_EncryptFinal_ex(by_hand, raw(sealed), &size);
  EVP_CIPHER_CTX_ctrl(by_hand, EVP_CTRL_GCM_GET_TAG, 16, raw(tag));
  EVP_CIPHER_CTX_free(by_hand);
  CHECK(made.data == sealed);
  CHECK(std::equal(tag.begin(), tag.end(), made.tag.begin(), made.tag.end()));
}

TEST_CASE("a chunk opens at its own place alone") {
  for (std::string_view text : {"", "x", "some content"}) {
    auto made = seal(text, 5, false);
    CHECK(opens(made, 5, false));
    CHECK_FALSE(opens(made, 4, false));
    CHECK_FALSE(opens(made, 6, false));
    CHECK_FALSE(opens(made, 5, true));
    CHECK_FALSE(opens(made, 5, false, {"000102030405060708090a0b0c0d0e0e", 2, 3}));
    CHECK_FALSE(opens(made, 5, false, {some_stream.transfer, 1, 3}));
    CHECK_FALSE(opens(made, 5, false, {some_stream.transfer, 2, 4}));
  }
}

TEST_CASE("a chunk with any bit changed does not open") {
  auto made = seal("some content", 1, true);
  for (std::size_t i = 0; i < made.data.size() + tag_size; ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto altered = made;
      auto& at = i < made.data.size() ? altered.data[i] : altered.tag[i - made.data.size()];
      at ^= std::byte(1 << bit);
      CHECK_FALSE(opens(altered, 1, true));
    }
}

TEST_CASE("one cipher does many chunks, and goes on after one that failed") {
  stream_cipher sealing{stream_cipher::direction::seal, some_key(), some_stream};
  stream_cipher opening{stream_cipher::direction::open, some_key(), some_stream};
  for (std::uint64_t i = 0; i < 100; ++i) {
    bytes data(i, std::byte(i));
    std::array<std::byte, tag_size> tag{};
    REQUIRE(sealing.seal(i, i == 99, data, tag));
    auto altered = data;
    auto wrong = tag;
    wrong[0] ^= std::byte{1};
    CHECK_FALSE(opening.open(i, i == 99, altered, wrong));
    REQUIRE(opening.open(i, i == 99, data, tag));
    CHECK(data == bytes(i, std::byte(i)));
  }
}

TEST_CASE("a chunk's buffer keeps head, content and tag together") {
  chunk_buffer buffer;
  for (std::size_t size : {0, 1, 100}) {
    buffer.reserve(size);
    auto content = buffer.content(size);
    CHECK(reinterpret_cast<std::uintptr_t>(content.data()) % 64 == 0);
    CHECK(buffer.tag(size).data() == content.data() + size);
    CHECK(buffer.sealed(size).size() == size + tag_size);
    CHECK(buffer.record(5, size).data() == content.data() - 5);
    CHECK(buffer.record(5, size).size() == 5 + size + tag_size);
  }
}
