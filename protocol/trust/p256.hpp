#pragma once
/// The one curve: keys on P-256 from and to 65 bytes, signatures, key agreement. For the protocol layer's own
/// sources.
#include "protocol/trust/openssl.hpp"

#include <array>
#include <optional>

namespace hublink::p256 {

/// Uncompressed (SEC 1, 2.3.3): 4, x, y.
inline constexpr std::size_t point_size = 65;
using point = std::array<std::byte, point_size>;
inline constexpr auto uncompressed = std::byte{4}; ///< its first byte

/// Null unless it is a point of the curve in that form.
openssl::evp_key public_key(byte_view point);
/// A fresh one; null if there are no random numbers.
openssl::evp_key make_key();
/// Nothing if it is no key on this curve.
std::optional<point> point_of(const EVP_PKEY* key);

/// ECDSA with SHA-256; `signature` in DER.
bool verify(EVP_PKEY* key, byte_view data, byte_view signature);

/// The x coordinate of what both keys make (SP 800-56A, 5.7.1.2); nothing if either is not on this curve.
std::optional<std::array<std::byte, 32>> agree(EVP_PKEY* own, EVP_PKEY* peer);

} // namespace hublink::p256
