#pragma once
/// The form of certificates and revocation lists as `hublink keys` makes them: what is looked at before any
/// library reads them, and before anybody is believed. Views into the bytes they were read from.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

/// Bound of one certificate, bytes of DER. Those of `hublink keys` have some 600.
inline constexpr std::size_t max_certificate = 4096;
/// Bound of a revocation list, bytes of DER: some 100,000 certificates.
inline constexpr std::size_t max_revocation_list = 4 << 20;

/// A structure that its issuer signed: with ECDSA and SHA-256, the only way.
struct signed_form {
  byte_view signed_part; ///< that the signature is over
  byte_view signature;   ///< DER
};
struct certificate_form : signed_form {
  byte_view key; ///< the public one: a point of P-256, see p256.hpp; 65 bytes
};

/// Exactly one certificate of `max_certificate` bytes at most: DER, signed with ECDSA and SHA-256, of an EC
/// key on P-256 that is written uncompressed. Who signed it is not asked. Fails with `not_authorised`.
outcome<certificate_form> read_certificate_form(byte_view der);
/// Exactly one revocation list, in the same way; fails with `bad_config`.
outcome<signed_form> read_list_form(byte_view der);
/// Two numbers of P-256 in DER, as ECDSA makes them.
bool is_signature_form(byte_view der);

} // namespace hublink
