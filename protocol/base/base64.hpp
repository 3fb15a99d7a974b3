#pragma once
/// Base 64 (RFC 4648, 4) on one line.
#include "protocol/base/bytes.hpp"

namespace hublink {

enum class padding : std::uint8_t { with, without };

std::string to_base64(byte_view data);
/// Nothing if `text` is not exactly what some bytes are written as.
std::optional<bytes> from_base64(std::string_view text, padding how = padding::with);

} // namespace hublink
