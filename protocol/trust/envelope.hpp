#pragma once
/// Sealing and opening with certificates that were read before. For the protocol layer's own sources.
#include "protocol/trust/openssl.hpp"

namespace hublink {

/// Bound of one envelope, bytes. One for a content key takes about 500.
inline constexpr std::size_t max_envelope = 1024;

/// As `seal_envelope` of credentials.hpp.
outcome<bytes> seal_envelope(byte_view secret, X509* holder);

/// `tampered` if it was made for another certificate or altered, or is anything but CMS AuthEnvelopedData.
outcome<bytes> open_envelope(byte_view envelope, X509* certificate, EVP_PKEY* key);

} // namespace hublink
