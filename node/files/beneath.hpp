#pragma once
/// What lies below a directory, opened without following anything that leads out of it.
#include "node/base/unique_fd.hpp"

#include <string>

#include <sys/types.h>

namespace hublink::posix {

/// `path` is relative and has no "..". Symbolic links are followed as long as they stay below `directory`;
/// kernels before 5.6 follow none at all. Empty on failure: `errno` is EXDEV or ELOOP where a link leads out.
unique_fd open_beneath(int directory, const std::string& path, int flags);

/// A directory, to be listed and synced; one that may not be read, only to make and rename what is in it.
unique_fd open_folder_beneath(int directory, const std::string& path);

/// The same; what is missing of `path` is made, each part durable.
unique_fd make_beneath(int directory, const std::string& path);

} // namespace hublink::posix
