#pragma once
/// Small private files, read and written whole.
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace hublink {

/// At most `most` bytes; a failure names the path.
outcome<std::string> read_small_file(const std::filesystem::path& path, std::size_t most = 1 << 20);
/// The same of a key or passwords: no copy of them stays behind.
outcome<secret> read_secret_file(const std::filesystem::path& path);
/// All or nothing, also at a power cut: written beside, synced, renamed. `before_rename`: a fault point.
outcome<> write_small_file(const std::filesystem::path& path, const std::string& content, mode_t mode,
                           std::string_view before_rename = {});
/// So that a rename in it lasts.
outcome<> sync_folder(const std::filesystem::path& folder);

} // namespace hublink
