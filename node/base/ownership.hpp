#pragma once
/// Who else could have written what a node believes.
#include "protocol/base/errors.hpp"

#include <filesystem>

namespace hublink {

/// Fails with `bad_config` and what to do if somebody else than root and this process's user owns `path`, or
/// group or others may write it. What is not there is nobody's.
outcome<> only_ours_to_write(const std::filesystem::path& path);

} // namespace hublink
