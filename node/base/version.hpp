#pragma once
/// This build's version, as `hublink --version` says it.
#include <string>
#include <string_view>

namespace hublink {

std::string_view version();
/// With the commit, and the libraries that it runs with: those that are linked, by what they say of
/// themselves.
std::string version_text();

} // namespace hublink
