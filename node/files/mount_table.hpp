#pragma once
/// Which file system a path is on, found without asking that file system: it may not answer.
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/unique_fd.hpp"

namespace hublink {

struct mounted_file_system {
  std::string device; ///< `8:1`: the same wherever it is mounted
  std::string place;  ///< the mount point
};

/// One row for each mount of /proc/self/mountinfo's text, those that came later after those that they hide.
std::vector<mounted_file_system> parse_mounts(std::string_view text);

/// Thread-safe.
class mount_table {
 public:
  /// `home`: a directory whose file system the node can't do without. Links on it, and on that of `/`, are
  /// followed; on others nobody knows how long that takes.
  explicit mount_table(std::string home) : home_(std::move(home)) {}

  /// `path` is absolute; what of it is not there counts as lying where the rest is.
  mounted_file_system holder_of(const std::string& path);

 private:
  void look();
  const mounted_file_system& mount_of(const std::string& path) const;
  std::string follow_links(const std::string& path) const;

  std::string home_;
  std::mutex lock_;
  unique_fd source_;
  std::vector<mounted_file_system> mounts_;
};

} // namespace hublink
