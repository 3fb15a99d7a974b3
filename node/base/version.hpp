#pragma once
/// This build's version, as `hublink --version` says it.
#include <string_view>

namespace hublink {

std::string_view version();

} // namespace hublink
