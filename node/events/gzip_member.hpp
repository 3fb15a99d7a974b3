#pragma once
/// Texts as members of a gzip file (RFC 1952), one behind the other. zlib's form and not zstd's, which is
/// smaller and faster: `zcat` and `zgrep` are on every machine.
#include <optional>
#include <string>
#include <string_view>

namespace hublink {

std::string to_gzip(std::string_view text);
/// Of the member at the begin of `packed`, which gets shorter by it. Nothing if it can't be read, or is
/// longer than `most` bytes.
std::optional<std::string> from_gzip(std::string_view& packed, std::size_t most);

} // namespace hublink
