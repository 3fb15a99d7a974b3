#pragma once
/// A node's definition as a manager signs it; docs/protocol/definitions.md, "Definitions". Whoever carries it
/// can't alter it.
#include "protocol/trust/credentials.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace hublink {

/// Bytes of a definition that goes from node to node: in hex it has to fit into a line of a session.
inline constexpr std::size_t longest_carried_definition = 1'000'000;
/// Of a manager's own, which has the whole network's names and goes nowhere.
inline constexpr std::size_t longest_definition = 64 << 20;

struct definition_record {
  std::string network, node;
  std::uint64_t version = 0; ///< ms since 1970 when it was applied; the higher one counts
  std::string content;       ///< JSON, as `hublink plan --json` shows it

  bool operator==(const definition_record&) const = default;
};

/// `record`, signed. Fails with `bad_config` if it has more than `most` bytes.
outcome<bytes> sign_definition(const definition_record& record, const identity& manager,
                               std::size_t most = longest_carried_definition);

struct signed_definition {
  definition_record record;
  std::string by; ///< the manager; empty from `read_definition`
};
/// Fails with `bad_message`, with `tampered` unless the key in the certificate that it carries signed it,
/// with `not_authorised` unless that certificate counts and is a manager's.
outcome<signed_definition> verify_definition(byte_view from, const trust& ca, trust::clock_time now);
/// Of what was verified and stored before: the same, whatever the time; but a manager who was revoked since
/// counts no more.
outcome<signed_definition> verify_stored_definition(byte_view from, const trust& ca);
/// Who signed it is not asked: for what is known to be the same as was verified before.
outcome<signed_definition> read_definition(byte_view from, const trust& ca);

} // namespace hublink
