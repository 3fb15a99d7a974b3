#pragma once
/// Who else could have written what a node believes.
#include "protocol/base/errors.hpp"

#include <filesystem>

#include <sys/stat.h>

namespace hublink {

/// Fails with `bad_config` and what to do if somebody else than root and this process's user owns `path`, the
/// link itself if it is one. What is not there is nobody's.
outcome<> only_ours(const std::filesystem::path& path);

/// As `only_ours`, of what a link leads to; and group and others may not write it. A directory with the
/// sticky bit is fine: they can put something in, and replace nothing.
outcome<> only_ours_to_write(const std::filesystem::path& path);

/// Nobody but its owner, root and this process's user can use a file with these facts: neither by its mode
/// nor by an access control list, as systemd gives one to a credential that root owns.
bool is_ours_to_read(const std::filesystem::path& path, const struct stat& facts);

} // namespace hublink
