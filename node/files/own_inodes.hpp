#pragma once
/// What lies in a node's own folders, as inodes. Each file that is sent or received is compared with it, so
/// it is kept, and looked up anew when one of the folders has changed.
#include <chrono>
#include <memory>
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
  /// What one look at all folders found.
  struct findings {
    std::vector<std::pair<std::string, folder>> folders{}; // the data directory is the first
    std::vector<inode> entries{};                          // sorted
    std::chrono::steady_clock::time_point looked_up{};     // before the first of them
    bool is_settled = true; // no folder had changed just before it was looked into

    bool is_fresh() const;
    void look_into(const std::string& path, bool is_data);
  };
  using findings_ptr = std::shared_ptr<const findings>;

  findings_ptr current();
  findings_ptr look_up() const;

  const std::string data_, keys_;
  std::mutex guard_; // never held while a folder is looked at: its disk may be slow
  findings_ptr kept_;
};

inode inode_of(const struct stat& file);

} // namespace hublink
