#pragma once
/// What a network's private CA does: certificates of nodes, and the list of those revoked (RFC 5280). All in
/// PEM.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/role.hpp"
#include "protocol/base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace hublink {

struct certified_key {
  std::string cert_pem, key_pem;

  ~certified_key() { wipe(key_pem); }
};
struct validity {
  std::chrono::system_clock::time_point from, until;
};

/// A new self-signed CA with an EC P-256 key; `name` becomes its CN, cut to 64 bytes.
outcome<certified_key> make_ca(std::string_view name, validity when);
/// A private key in PEM, encrypted with the passphrase (PKCS #8, AES-256-CBC, scrypt), as `openssl pkey`
/// reads it.
outcome<std::string> lock_key(std::string_view key_pem, const secret& passphrase);
/// What `lock_key` locked. Fails with `bad_config` if the passphrase is another one.
outcome<secret> unlock_key(std::string_view locked_pem, const secret& passphrase);
bool is_locked(std::string_view key_pem);

/// A new key and its certificate: CN = `name` (1 to 64 bytes), OU = `holder`.
outcome<certified_key> issue(const certified_key& ca, std::string_view name, role holder, validity when);
/// The same for a key that somebody else has: a point of P-256, 65 bytes. Who that is, the caller knows.
outcome<std::string> certify(const certified_key& ca, byte_view key, std::string_view name, role holder,
                             validity when);
/// A list of all that `old_crl` and `other_crl` list (empty text: none) and of each certificate in the bundle
/// `revoked` (may be empty). Its number is one more than the higher one of theirs.
outcome<std::string> make_crl(const certified_key& ca, std::string_view old_crl, std::string_view revoked,
                              validity when, std::string_view other_crl = {});

} // namespace hublink
