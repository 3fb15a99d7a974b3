#pragma once
/// Which network a CA's certificate is of, for who does not know whether to believe it.
#include "protocol/trust/credentials.hpp"

namespace hublink {

/// Bound of a CA's certificate in PEM.
inline constexpr std::size_t max_ca_pem = 8192;

/// Of the public key in it, as `trust::network` says it, provided that it is signed with that key: so who has
/// the mark from elsewhere may hand the whole to a larger library. Fails with `not_authorised`.
outcome<network_mark> mark_of_ca(std::string_view pem);

} // namespace hublink
