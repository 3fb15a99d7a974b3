#pragma once
/// Who else could have written what a node believes.
#include "protocol/base/errors.hpp"

#include <filesystem>

namespace hublink {

/// Fails with `bad_config` and what to do if somebody else than root and this process's user owns `path`, the
/// link itself if it is one. What is not there is nobody's.
outcome<> only_ours(const std::filesystem::path& path);

/// As `only_ours`, of what a link leads to; and group and others may not write it. A directory with the
/// sticky bit is fine: they can put something in, and replace nothing.
outcome<> only_ours_to_write(const std::filesystem::path& path);

} // namespace hublink
