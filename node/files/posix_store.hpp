#pragma once
/// `file_store` on POSIX files.
#include "actors/ports/file_store.hpp"
#include "node/files/arrival.hpp"
#include "node/files/disk_pools.hpp"
#include "node/files/file_roots.hpp"
#include "node/files/spool_file.hpp"

namespace hublink {

class posix_store : public file_store {
 public:
  /// Paths lead where `roots` lets them; spools are in `data`, the node's directory.
  /// `disks`: where `aside` works; null: at once.
  posix_store(std::string data, file_roots_ptr roots, arrival_rules arrivals = {}, disk_pools_ptr disks = {})
      : data_(std::move(data)), roots_(std::move(roots)), arrivals_(std::move(arrivals)),
        disks_(std::move(disks)) {}
  /// All below one directory.
  explicit posix_store(const std::string& directory) : posix_store(directory, everything_below(directory)) {}
  /// Spools may have so many bytes together.
  void use_spools(std::uint64_t most_bytes);
  /// Nothing: there are none.
  std::optional<spool_space::usage> used_by_spools() const;

  std::unique_ptr<transfer_file> source(const std::string& path) override;
  std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy,
                                        const std::string& file = {}) override;
  std::unique_ptr<transfer_file> spool() override;
  void drop_spool(const transfer_key& transfer) override;
  std::vector<transfer_key> take_up_spools(const std::vector<kept_spool>& known) override;
  void aside(const std::string& path, std::string what, std::function<void()> work) override;
  outcome<file_facts> probe(const std::string& path) override;
  std::shared_ptr<void> claim(const std::string& path) override;

 private:
  std::string data_;
  file_roots_ptr roots_;
  arrival_rules arrivals_;
  disk_pools_ptr disks_;
  std::shared_ptr<spool_space> space_;
};

} // namespace hublink
