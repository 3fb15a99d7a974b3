#pragma once
/// A node's data directory, for one node at a time: a second would share journal and socket.
#include "node/base/unique_fd.hpp"
#include "protocol/base/errors.hpp"

#include <filesystem>

namespace hublink {

/// Holds `DIR/lock` as long as it lives; the end of the process, however it comes, frees it.
class node_directory {
 public:
  /// Makes it if it is missing. Fails with `bad_config`: it can't be made or locked, others may write in it,
  /// or another node runs in it.
  static outcome<node_directory> claim(std::filesystem::path path);

  /// Makes and locks it alone, whoever may write in it: for who puts something there before a node starts.
  static outcome<unique_fd> lock(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path events_folder() const { return path_ / "events"; }
  std::filesystem::path clock_file() const { return path_ / "clock.json"; }
  std::filesystem::path journal_file() const { return path_ / "journal.sqlite"; }

 private:
  node_directory(std::filesystem::path path, unique_fd lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  unique_fd lock_;
};

/// Nobody else can have put there what a node believes. Fails with `bad_config`; a directory that is missing
/// is fine.
outcome<> check_node_directory(const std::filesystem::path& path);

} // namespace hublink
