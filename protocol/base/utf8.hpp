#pragma once
/// Text from outside: what may be shown, logged and compared. RFC 3629.
#include <string>
#include <string_view>

namespace hublink {

/// Valid UTF-8 without control characters (C0, DEL, C1).
bool is_printable(std::string_view text);
/// `text` with `?` for every byte of what is not printable, cut to `limit` bytes at a character's border.
std::string make_printable(std::string_view text, std::size_t limit);

} // namespace hublink
