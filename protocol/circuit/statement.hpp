#pragma once
/// A signed record body: CBOR {"body", "sig", "cert"?}. The signature is over the record's type, the hash of
/// the statement that it answers, and "body": what is said once can't be moved into another exchange or taken
/// for something else.
#include "protocol/circuit/record_frame.hpp"
#include "protocol/trust/credentials.hpp"

#include <array>

namespace hublink {

/// SHA-256; of a statement: of all that was signed.
using statement_hash = std::array<std::byte, 32>;
statement_hash hash_of(byte_view data);
/// Of a statement that answers nothing.
inline constexpr statement_hash answers_nothing{};

struct statement {
  record_type type = record_type::offer;
  statement_hash answered{};
  bytes body{};        ///< CBOR map, by type
  bytes signature{};   ///< DER ECDSA
  bytes certificate{}; ///< DER; empty: its reader has it already

  statement_hash hash() const;
};

statement make_statement(record_type type, const statement_hash& answered, bytes body, const identity& by,
                         bool with_certificate);
/// The record's body.
bytes encode(const statement& signed_answer);
/// Bounds alone; nothing is verified. `answered` is what it must answer. Never throws.
outcome<statement> read_statement(record_type type, const statement_hash& answered, byte_view record_body);
/// Of one that is no record of a circuit, and may be longer.
outcome<statement> read_statement(record_type type, const statement_hash& answered, byte_view record_body,
                                  std::size_t longest_body);

/// Fails unless `said` was signed by the key in `certificate`: `tampered`.
outcome<> verify(const statement& signed_answer, byte_view certificate, const trust& ca);
/// By the client `name`: with the certificate that it carries; without one, with `known`, which is his.
outcome<> verify_sender(const statement& signed_answer, const std::string& name, byte_view known,
                        const trust& ca, trust::clock_time now);
/// Fails with `tampered` unless it was signed, with the certificate that it carries, by the client `name`.
/// Also where that certificate doesn't count or is somebody else's: it travels beside what is signed, so who
/// carries it can exchange it, and a line can alter it. So nobody is refused for good by it.
outcome<> verify_client(const statement& signed_answer, const std::string& name, const trust& ca,
                        trust::clock_time now);

/// By any server of this network: its name. Fails as `verify_client`.
outcome<std::string> verify_server(const statement& signed_answer, const trust& ca, trust::clock_time now);

} // namespace hublink
