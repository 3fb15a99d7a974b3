#pragma once
/// The two fields of a newer certificate, in a link's message or alone.
#include "protocol/base/cbor_fields.hpp"
#include "protocol/trust/shown_certificate.hpp"

namespace hublink {

cbor::json fields_of(const shown_certificate& shown);
/// What is wrong with them is in `from` afterwards.
shown_certificate read_shown(cbor::fields& from);

} // namespace hublink
