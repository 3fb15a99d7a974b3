#pragma once
/// The first bytes on a data socket, and the status byte that answers them. docs/protocol/links.md, "Data
/// sockets".
#include "protocol/base/bytes.hpp"

#include <array>
#include <optional>

namespace hublink {

/// `H` `L` `D`, version 1, token. The first byte differs from a TLS handshake record (0x16), so that links
/// and data share a port.
inline constexpr std::size_t preamble_size = 4 + sizeof(token);
inline constexpr std::byte tls_handshake_byte{0x16};

enum class data_status : std::uint8_t { accepted = 0, refused = 1 };

std::array<std::byte, preamble_size> make_preamble(const token& key);
/// Nothing if magic or version are wrong.
std::optional<token> read_preamble(std::span<const std::byte, preamble_size> data);

} // namespace hublink
