#pragma once
/// What sources and targets share: failures by errno, whole reads and writes, durable directories.
#include "protocol/base/errors.hpp"
#include "protocol/circuit/file_steps.hpp"

#include <string>

#include <sys/types.h>

struct stat;

namespace hublink::posix {

/// `can't WHAT PATH: REASON`, with the code that fits errno; `missing` is the code of a path that does not
/// exist.
failure why_not(const std::string& what, const std::string& path, int error, errc missing = errc::io_error);

file_facts facts_of(const struct stat& found);
/// `file_denied` unless it is a regular file.
outcome<> must_be_regular(const std::string& path, const struct stat& found);

/// The process's umask; read without changing it, so that no other thread makes a file meanwhile.
mode_t current_umask();

/// All of it, or `file_changed`.
outcome<> read_all(int fd, const std::string& path, std::uint64_t offset, std::span<std::byte> into);

std::string directory_of(const std::string& path);
/// Makes what is missing of `directory`, each part durable.
outcome<> make_directories(const std::string& directory);
outcome<> sync_directory(const std::string& directory);
/// An open one, shown as that; `file` as in `sync_names`.
outcome<> sync_directory(int directory, const std::string& shown, int file = -1);

} // namespace hublink::posix
