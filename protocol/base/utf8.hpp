#pragma once
/// Text from outside: what may be shown, logged and compared. RFC 3629.
#include <string>
#include <string_view>

namespace hublink {

/// Valid UTF-8 without control characters (C0, DEL, C1).
bool is_printable(std::string_view text);
/// `text` as a person may read it, in one line: what would act on a terminal or an editor is escaped as in
/// JSON (`\u001b`, `\u202e`), a byte that is no UTF-8 as `\xff`. For all that is printed or logged.
std::string shown_text(std::string_view text);
/// The text of a JSON document with the same characters escaped: it says the same, and acts no more. What is
/// no UTF-8 becomes U+FFFD. Line feeds stay: within a string there are none.
std::string shown_json(std::string_view json);
/// `text` with `?` for every byte of what is not printable, cut to `limit` bytes at a character's border.
std::string make_printable(std::string_view text, std::size_t limit);

} // namespace hublink
