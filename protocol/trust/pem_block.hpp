#pragma once
/// The bytes in a block of PEM (RFC 7468), in its strict form: what comes from others is read by nothing
/// else.
#include "protocol/base/bytes.hpp"

#include <optional>
#include <string_view>

namespace hublink {

/// Of the first block with that label; lines before it are passed over. Nothing if there is none of up to
/// `most` bytes, without headers and in canonical base64.
std::optional<bytes> read_pem_block(std::string_view text, std::string_view label, std::size_t most);

} // namespace hublink
