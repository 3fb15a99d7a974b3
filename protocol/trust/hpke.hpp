#pragma once
/// HPKE (RFC 9180) in base mode and of one suite alone: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM,
/// one message a key. For the protocol layer's own sources.
#include "protocol/trust/p256.hpp"

namespace hublink::hpke {

inline constexpr std::size_t tag_size = 16, nonce_size = 12;

/// 32 bytes that are wiped when they go.
class secret {
 public:
  secret() = default;
  explicit secret(const std::array<std::byte, 32>& value) : value_(value) {}
  secret(const secret&) = default;
  secret& operator=(const secret&) = default;
  ~secret() { OPENSSL_cleanse(value_.data(), value_.size()); }

  byte_view view() const { return value_; }
  std::span<std::byte, 32> room() { return value_; }

 private:
  std::array<std::byte, 32> value_{};
};

/// A public key, and how it is written.
struct receiver {
  EVP_PKEY* key;
  p256::point written;
};

struct encapsulated {
  p256::point key; ///< what the receiver gets: `enc` of the RFC
  secret shared;
};
/// `fresh`: a key pair that is used once.
std::optional<encapsulated> encapsulate(const receiver& to, EVP_PKEY* fresh);
/// `own` with its private part. Nothing if `enc` is no point of the curve.
std::optional<secret> decapsulate(byte_view enc, const receiver& own);

/// What the one message is sealed with.
struct message_key {
  secret key;
  std::array<std::byte, nonce_size> nonce{};
};
std::optional<message_key> schedule(const secret& shared, byte_view info);

/// `sealed` has `tag_size` bytes more than `plain`. False if OpenSSL fails.
bool seal(const message_key& with, byte_view plain, std::span<std::byte> sealed);
/// False unless it is what was sealed; `plain` is wiped then.
bool open(const message_key& with, byte_view sealed, std::span<std::byte> plain);

} // namespace hublink::hpke
