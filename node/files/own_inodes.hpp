#pragma once
/// What lies in a node's own folders, as inodes. Each file that is sent or received is compared with it, so
/// it is kept, and looked up anew when one of the folders has changed.
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

struct stat;

namespace hublink {

/// Device and number.
using inode = std::pair<dev_t, ino_t>;

/// Thread: any.
class own_inodes {
 public:
  /// As own_files has them.
  own_inodes(std::string data, std::string keys) : data_(std::move(data)), keys_(std::move(keys)) {}

  bool has(inode file);
  /// The key folder, and those below the data directory that are the node's.
  std::vector<inode> folders();

 private:
  struct folder {
    inode which;
    std::chrono::nanoseconds changed; // since the epoch
  };

  void look_up();
  void look_into(const std::string& path, bool is_data);
  bool is_fresh() const;

  const std::string data_, keys_;
  std::mutex guard_;
  std::vector<std::pair<std::string, folder>> folders_; // the data directory is the first
  std::vector<inode> entries_;                          // sorted
  std::chrono::steady_clock::time_point looked_up_{};
  bool is_settled_ = false; // no folder had changed just before it was looked into
};

inode inode_of(const struct stat& file);

} // namespace hublink
