#pragma once
/// Who a node is and whom it trusts: X.509 with EC P-256 keys under one private CA. Thread-safe once made.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/role.hpp"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// What an envelope holds, and how long each is: docs/protocol/stream.md, "Key, envelopes, chunks".
using envelope_secret = std::array<std::byte, 32>;
inline constexpr std::size_t envelope_size = 1 + 65 + 32 + 16;
/// SHA-256 of the CA's public key (65 bytes): certificates count in the network that has it.
using network_mark = std::array<std::byte, 32>;

/// The network's CA, its revocation list and the checks made against them.
class trust {
 public:
  using clock_time = std::chrono::system_clock::time_point;

  /// PEM texts. Fails with `bad_config` on anything unreadable.
  static outcome<std::shared_ptr<trust>> make(std::string_view ca_pem, std::string_view crl_pem);
  virtual ~trust() = default;

  /// Takes a newer revocation list (PEM): by its number (RFC 5280, 5.2.3). False: it is the one that is
  /// there, or older. Fails with `bad_config`, or `tampered` if this CA didn't sign it. What was checked
  /// before is checked again.
  virtual outcome<bool> renew(std::string_view crl_pem) = 0;
  /// The present list's number; 0 if it has none.
  virtual std::int64_t list_number() const = 0;
  virtual network_mark network() const = 0;

  struct holder {
    std::string name;                  ///< subject CN
    hublink::role role = role::client; ///< subject OU
    clock_time until =
        clock_time::max(); ///< the certificate's end, or its CA's: from then on it does not count
  };
  /// Form, CA's signature, validity time and revocation of a DER certificate, in this order: who holds it, or
  /// `not_authorised` with what is wrong. Nothing of it is read that this CA has not signed.
  virtual outcome<holder> check(byte_view certificate, clock_time now) const = 0;
  /// The same, whatever the time: for what was signed long ago. What was signed while a certificate counted
  /// stays signed when it has expired; what a revoked one signed does not.
  virtual outcome<holder> check_signer(byte_view certificate) const = 0;
  /// ECDSA P-256 with SHA-256 over `data`, by the key in `certificate`. Whether that counts is for `check`.
  virtual bool verify(byte_view certificate, byte_view data, byte_view signature) const = 0;
  /// An envelope for a certificate that was checked before; it opens with the same `info` alone.
  virtual outcome<bytes> seal(const envelope_secret& secret, byte_view certificate, byte_view info) const = 0;
};

/// A node's own certificate and private key.
class identity {
 public:
  static outcome<std::shared_ptr<const identity>> make(std::string_view cert_pem, std::string_view key_pem);
  /// Of one node, newest first, one or more: shows and signs as the newest, and opens what was sealed for
  /// those before it, too.
  static std::shared_ptr<const identity> succeeding(std::vector<std::shared_ptr<const identity>> all);
  virtual ~identity() = default;

  virtual const std::string& name() const = 0;
  virtual hublink::role role() const = 0;
  virtual byte_view certificate() const = 0;    ///< DER
  virtual bytes sign(byte_view data) const = 0; ///< DER ECDSA signature
  /// Opens an envelope made for this certificate with that `info`; `tampered` if it was not or was altered.
  virtual outcome<envelope_secret> open_envelope(byte_view envelope, byte_view info) const = 0;
};

/// Certificates in PEM, one after the other, as DER by the name that each has. Their form alone is checked;
/// `bad_config` if one can't be read.
outcome<std::map<std::string, bytes>> read_certificates(std::string_view pem);

/// Of a certificate in PEM, whoever signed it; nothing if it can't be read.
std::optional<trust::clock_time> end_of_validity(std::string_view cert_pem);
/// The same of one in DER.
std::optional<trust::clock_time> begin_of_validity(byte_view certificate);
std::optional<trust::clock_time> end_of_validity(byte_view certificate);

/// "this machine's clock says …": for who reads that a certificate does not count at that time.
std::string clock_text(trust::clock_time now);

} // namespace hublink
