#pragma once
/// A leg is the part of a circuit between two neighbours. Its id is made of what one has told the other, so
/// that both know it, and what each of them writes down of it can be put together.
#include "protocol/link/link_message.hpp"

#include <string>

namespace hublink {

/// 16 hex digits. `told`: as it was said on the link from `from` to `to`.
std::string leg_id(const open& told, const std::string& from, const std::string& to);

} // namespace hublink
