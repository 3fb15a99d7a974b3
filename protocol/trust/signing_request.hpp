#pragma once
/// What a node asks the CA for, docs/protocol/enrolment.md: a certificate for a key that the node made itself
/// and keeps.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/invitation_code.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hublink {

/// Bound of one on the wire, bytes.
inline constexpr std::size_t max_signing_request = 2048;

/// Whoever made it has the private key. Who that is, only the proof of a code says, or the way it came.
struct signing_request {
  std::string node;
  bytes key;         ///< a point of P-256, 65 bytes
  bytes proof;       ///< by a code; empty: none
  bytes current, by; ///< a renewal's: the certificate that still counts, in DER, and its key's signature

  /// Did who made it have that code?
  bool proves(const code_verifier& of) const;
  bool is_renewal() const { return !current.empty(); }
};

/// Whose certificate a request would renew: it counts now, and its key asked. Fails with `not_authorised`.
outcome<trust::holder> check_renewal(const signing_request& request, const trust& ca, trust::clock_time now);

/// A new private key, PEM; empty if there are no random numbers.
secret make_private_key();

/// For that private key (PEM). `code`: what proves that the node was invited. Fails with `bad_config`.
outcome<bytes> make_signing_request(const std::string& node, std::string_view key_pem,
                                    const std::optional<invitation_code>& code);
/// The same, proven by the certificate that `self` has.
outcome<bytes> make_renewal_request(const identity& self, std::string_view key_pem);
/// Fails with `bad_message`, with `tampered` if it is not signed with the key that it is for.
outcome<signing_request> read_signing_request(byte_view from);

/// As a file: PEM (RFC 7468), label `HUBLINK SIGNING REQUEST`.
std::string to_pem(byte_view signing_request);
/// Fails with `bad_config`.
outcome<bytes> signing_request_in(std::string_view pem);
/// What two people compare: 16 hex digits of the key's SHA-256, in fours.
std::string fingerprint_of(const signing_request& request);

} // namespace hublink
