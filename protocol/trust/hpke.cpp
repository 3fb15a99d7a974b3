#include "protocol/trust/hpke.hpp"

#include <openssl/hmac.h>

#include <algorithm>

namespace hublink::hpke {
namespace {

using namespace openssl;
using namespace std::string_view_literals;

// "KEM" or "HPKE", and the numbers of the parts (RFC 9180, 7).
constexpr auto kem_suite = "KEM\x00\x10"sv;
constexpr auto hpke_suite = "HPKE\x00\x10\x00\x01\x00\x02"sv;
constexpr auto base_mode = "\x00"sv;

bytes joined(std::initializer_list<byte_view> parts) {
  bytes all;
  for (auto part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::optional<secret> hmac(byte_view key, bytes text) {
  secret made;
  static constexpr unsigned char empty = 0; // a null pointer means something else
  auto start = key.empty() ? &empty : raw(key);
  bool fine = HMAC(EVP_sha256(), start, static_cast<int>(key.size()), raw(text), text.size(),
                   raw_out(made.room()), nullptr) != nullptr;
  OPENSSL_cleanse(text.data(), text.size());
  ERR_clear_error();
  return fine ? std::optional{made} : std::nullopt;
}

/// LabeledExtract of the RFC (4).
std::optional<secret> extract(std::string_view suite, byte_view salt, std::string_view label,
                              byte_view from) {
  return hmac(salt, joined({as_bytes("HPKE-v1"), as_bytes(suite), as_bytes(label), from}));
}

/// LabeledExpand of the RFC (4), of `size` bytes in one step: 32 at most.
std::optional<secret> expand(std::string_view suite, const secret& from, std::string_view label,
                             byte_view info, std::uint8_t size = 32) {
  constexpr std::byte first{1};
  const std::byte length[] = {std::byte{0}, std::byte{size}};
  return hmac(from.view(), joined({length, as_bytes("HPKE-v1"), as_bytes(suite), as_bytes(label), info,
                                   byte_view{&first, 1}}));
}

std::optional<secret> shared_secret(EVP_PKEY* own, EVP_PKEY* peer, byte_view enc, byte_view receiver) {
  auto agreed = p256::agree(own, peer);
  if (!agreed) return {};
  auto extracted = extract(kem_suite, {}, "eae_prk", *agreed);
  OPENSSL_cleanse(agreed->data(), agreed->size());
  if (!extracted) return {};
  return expand(kem_suite, *extracted, "shared_secret", joined({enc, receiver}));
}

bool start(EVP_CIPHER_CTX* cipher, const message_key& with, int sealing) {
  return cipher && EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), nullptr, raw(with.key.view()),
                                     raw(with.nonce), sealing) == 1;
}

} // namespace

std::optional<encapsulated> encapsulate(const receiver& to, EVP_PKEY* fresh) {
  auto written = p256::point_of(fresh);
  if (!written) return {};
  auto shared = shared_secret(fresh, to.key, *written, to.written);
  if (!shared) return {};
  return encapsulated{*written, *shared};
}

std::optional<secret> decapsulate(byte_view enc, const receiver& own) {
  auto peer = p256::public_key(enc);
  if (!peer) return {};
  return shared_secret(own.key, peer.get(), enc, own.written);
}

std::optional<message_key> schedule(const secret& shared, byte_view info) {
  auto psk_id_hash = extract(hpke_suite, {}, "psk_id_hash", {});
  auto info_hash = extract(hpke_suite, {}, "info_hash", info);
  auto extracted = extract(hpke_suite, shared.view(), "secret", {});
  if (!psk_id_hash || !info_hash || !extracted) return {};
  auto context = joined({as_bytes(base_mode), psk_id_hash->view(), info_hash->view()});
  auto key = expand(hpke_suite, *extracted, "key", context);
  auto nonce = expand(hpke_suite, *extracted, "base_nonce", context, nonce_size);
  if (!key || !nonce) return {};
  message_key made{*key, {}};
  std::ranges::copy(nonce->view().first(nonce_size), made.nonce.begin());
  return made;
}

bool seal(const message_key& with, byte_view plain, std::span<std::byte> sealed) {
  if (sealed.size() != plain.size() + tag_size) return false;
  cipher_context cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  bool fine =
      start(cipher.get(), with, 1) &&
      EVP_CipherUpdate(cipher.get(), raw_out(sealed), &size, raw(plain), static_cast<int>(plain.size())) ==
          1 &&
      EVP_CipherFinal_ex(cipher.get(), raw_out(sealed.last(tag_size)), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, sealed.last(tag_size).data()) == 1;
  ERR_clear_error();
  return fine;
}

bool open(const message_key& with, byte_view sealed, std::span<std::byte> plain) {
  if (sealed.size() != plain.size() + tag_size) return false;
  cipher_context cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  auto tag = const_cast<std::byte*>(sealed.last(tag_size).data()); // OpenSSL reads it
  bool fine = start(cipher.get(), with, 0) &&
              EVP_CipherUpdate(cipher.get(), raw_out(plain), &size, raw(sealed),
                               static_cast<int>(plain.size())) == 1 &&
              EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag) == 1 &&
              EVP_CipherFinal_ex(cipher.get(), raw_out(plain), &size) == 1;
  if (!fine) OPENSSL_cleanse(plain.data(), plain.size());
  ERR_clear_error();
  return fine;
}

} // namespace hublink::hpke
