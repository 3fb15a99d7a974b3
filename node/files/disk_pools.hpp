#pragma once
/// The threads that wait for disks: a bounded number for each file system, so that one that does not answer
/// takes no others' threads. What they do is known while they do it.
#include "node/base/thread_team.hpp"
#include "node/files/mount_table.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace hublink {

/// Those of one file system. Thread-safe.
class disk_pool {
 public:
  using clock = std::chrono::steady_clock;

  explicit disk_pool(std::string place);

  /// What takes longer is shown to users.
  static constexpr std::chrono::seconds slow_after{5};

  /// Its mount point; of several the one that was used last.
  std::string place() const;
  void note_place(const std::string& place);
  thread_team& busy() { return busy_; }       ///< reads, writes, seals
  thread_team& waiting() { return waiting_; } ///< syncs, looks at names

  /// Something is being done there until the mark is gone: at once when it is done, before anything else.
  class mark {
   public:
    mark(disk_pool& in, std::string what);
    ~mark();
    mark(const mark&) = delete;

   private:
    disk_pool& in_;
    std::list<std::pair<std::string, clock::time_point>>::iterator at_;
  };
  struct pending {
    std::string place, what;
    std::chrono::seconds since{0};
  };
  /// What has been under way longest; `since` is 0 where nothing is.
  pending oldest() const;
  /// A file with which something is still being done that nobody waits for any more: until that has come back
  /// nobody else may touch it, for what comes back late acts on names.
  void note_orphan(const std::string& file, bool is_one);
  bool has_orphan(const std::string& file) const;
  /// The right to publish at that path, until it is dropped; null: another has it. From before its journal is
  /// asked whether it may until that knows what came of it: two that may would be ordered by their renames.
  std::shared_ptr<void> take_target(const std::string& file);
  void end();
  /// The process ends without its threads: one that comes back from now on stands still instead.
  void abandon() { abandoned_ = true; }

 private:
  std::string place_;
  mutable std::mutex lock_;
  std::list<std::pair<std::string, clock::time_point>> marks_; ///< oldest first
  std::multiset<std::string> orphans_;
  std::set<std::string> targets_; ///< that somebody has the right to
  std::atomic<bool> abandoned_{false};
  thread_team busy_, waiting_; ///< last: what they still hold has marks
};

using disk_pool_ptr = std::shared_ptr<disk_pool>;

/// Those of all file systems that were used so far. Thread-safe. Always shared.
class disk_pools : public std::enable_shared_from_this<disk_pools> {
 public:
  /// `home`: the node's directory, see `mount_table`.
  explicit disk_pools(std::string home = "/") : mounts_(std::move(home)) {}

  /// Of the file system that an absolute path is on. May look at links, so it is for threads that may wait.
  disk_pool_ptr of(const std::string& path);
  /// Calls `then` with that, on a thread that may wait for the node's own disk, but for no other.
  void find(std::string path, std::function<void(disk_pool_ptr)> then);
  /// Does that on one of its threads, and is known meanwhile by `what`. Returns at once.
  void aside(const std::string& path, std::string what, std::function<void()> work);
  /// What takes at least that long, longest first.
  std::vector<disk_pool::pending> slow(std::chrono::seconds least) const;
  /// All of them, as `thread_team` does. False: a disk did not answer in that time; its threads stay, and the
  /// process is to end without them and without destroying what is global. One thread.
  bool end(std::chrono::milliseconds limit = std::chrono::seconds{2});
  bool is_abandoned() const { return abandoned_; }

 private:
  void join();

  mount_table mounts_;
  mutable std::mutex lock_;
  std::map<std::string, disk_pool_ptr> by_device_;
  std::atomic<bool> abandoned_{false};
  thread_team finder_{1};
};

using disk_pools_ptr = std::shared_ptr<disk_pools>;

} // namespace hublink
