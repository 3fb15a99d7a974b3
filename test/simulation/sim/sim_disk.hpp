#pragma once
/// Files in memory, with the promises of a real disk and no others: content is safe once synced (with the
/// name under which the file was made), a rename once its directory was synced; a crash drops any of the
/// rest.
#include "simulation/network/world.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hublink::sim {

/// Out of 1,000 operations, so many fail.
struct disk_faults {
  unsigned no_space = 0, io_error = 0;
};

class sim_disk;

/// `publish` in the two halves between which a crash may fall.
class sim_file : public transfer_file {
 public:
  virtual outcome<> rename() = 0;
  virtual outcome<> sync_directory() = 0;
  virtual duration sync_time() = 0; ///< of the next sync
  /// Of the next operation, beside what it takes anyway.
  virtual duration hanging_time(bool publishes) = 0;
  /// Something is still being done with it that nobody waits for any more.
  virtual void note_orphan(bool is_one) = 0;
  virtual bool has_orphan() const = 0;
  virtual std::shared_ptr<void> take_target() = 0; ///< null: another has it
};

/// One node's disk. Outlives its crashes; each start of the node gets a `file_store` of its own, whose
/// handles die at a crash.
class sim_disk {
 public:
  sim_disk(world& in, std::string node) : world_(in), node_(std::move(node)) {}

  disk_faults faults;
  std::optional<errc> next_fault;        ///< of the next write, create, read or sync, once
  std::optional<errc> next_rename_fault; ///< once
  unsigned slow = 0;  ///< out of 1,000 syncs of a file or directory, so many take up to 3 s
  unsigned hangs = 0; ///< out of 1,000 operations of transfers, so many take up to 5 min
  std::optional<duration> next_publication_hangs; ///< once
  unsigned lies = 0; ///< out of 1,000 syncs, so many do nothing, and say that they did
  bool has_lied() const { return has_lied_; }

  /// A file as a user puts it there: durable at once.
  void put(const std::string& path, bytes content);
  /// The same file, with other content.
  void rewrite(const std::string& path, bytes content);
  /// As every program sees it now.
  std::optional<bytes> get(const std::string& path) const;
  /// All paths, partial files included.
  std::vector<std::string> list() const;

  std::unique_ptr<file_store> mount();
  void crash();

 private:
  friend class disk_file;
  friend class disk_store;
  struct write_op {
    std::uint64_t offset;
    bytes data;
  };
  struct inode {
    bytes content, durable;
    std::vector<write_op> unsynced;
    std::int64_t modified_ns = 0;
    std::uint32_t mode = 0644;
    std::string made_as; ///< this name becomes durable with the content
  };
  using inode_ptr = std::shared_ptr<inode>;
  using directory = std::map<std::string, inode_ptr>;
  /// A change of the directory that was not synced: `path` is that file now, or nothing.
  struct name_op {
    std::string path, from;
    inode_ptr what;
  };

  inode_ptr find(const std::string& path) const;
  inode_ptr make(const std::string& path);
  void change(name_op op);
  static void apply(directory& to, const name_op& op);
  void sync(inode& file);
  void sync_names();
  outcome<> fault(const std::string& path);
  std::int64_t stamp();
  duration sync_time();
  duration hanging_time(bool publishes);
  bool lies_now();

  world& world_;
  std::string node_;
  directory now_, durable_;
  std::vector<name_op> unsynced_names_;
  std::multiset<std::string> orphans_; ///< paths of targets
  std::set<std::string> targets_;      ///< that somebody has the right to publish at
  bool has_lied_ = false;
  std::uint64_t life_ = 0, stamps_ = 0;
};

/// The partial file of a transfer, beside its target.
std::string partial_path(const std::string& target, const transfer_id& transfer, std::uint32_t generation);

} // namespace hublink::sim
