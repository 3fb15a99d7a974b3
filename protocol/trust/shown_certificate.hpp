#pragma once
/// A newer certificate of a peer that is connected already, and the proof that its key is there: so a
/// connection outlives the certificate that it began with. docs/protocol/links.md
#include "protocol/trust/credentials.hpp"

namespace hublink {

/// Bound of a certificate in there, and of both together as `pack` writes them, bytes.
inline constexpr std::size_t max_shown_certificate = 2048, max_shown = 2304;

struct shown_certificate {
  bytes certificate; ///< DER
  bytes proof;       ///< by its key, over the connection's secret

  bool operator==(const shown_certificate&) const = default;
};

/// Where it is shown. Neither side can show what the other one has shown it, nor anybody elsewhere.
struct shown_where {
  byte_view binding; ///< what the two ends of that TLS connection alone know
  bool by_dialler = false;
};

shown_certificate show_certificate(const identity& self, const shown_where& where);
/// Until when it counts. Fails with `not_authorised` if it does not, is another one's than `peer`, or its key
/// did not sign.
outcome<trust::clock_time> check_shown(const shown_certificate& shown, const trust& ca, trust::clock_time now,
                                       const trust::holder& peer, const shown_where& where);

/// A map in CBOR, where it is no link's message. Fails with `bad_message`.
bytes pack(const shown_certificate& shown);
outcome<shown_certificate> unpack_shown(byte_view from);

} // namespace hublink
