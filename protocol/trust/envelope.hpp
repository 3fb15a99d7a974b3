#pragma once
/// The one form of an envelope: version, the encapsulated key, the sealed secret. For the protocol layer's
/// own sources; docs/protocol/stream.md, "Key, envelopes, chunks".
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/hpke.hpp"

namespace hublink {

outcome<bytes> seal_envelope(const envelope_secret& secret, const hpke::receiver& to, byte_view info);

/// `tampered` unless it was made for this key and with that `info`, and is unaltered.
outcome<envelope_secret> open_envelope(byte_view envelope, const hpke::receiver& own, byte_view info);

} // namespace hublink
