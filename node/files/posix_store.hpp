#pragma once
/// `file_store` on POSIX files.
#include "actors/ports/file_store.hpp"
#include "node/files/spool_file.hpp"

namespace hublink {

class posix_store : public file_store {
 public:
  /// Relative paths start at `root`, the node's data directory.
  explicit posix_store(std::string root) : root_(std::move(root)) {}
  /// Spools may have so many bytes together.
  void use_spools(std::uint64_t most_bytes);

  std::unique_ptr<transfer_file> source(const std::string& path) override;
  std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy) override;
  std::unique_ptr<transfer_file> spool() override;
  void drop_spool(const transfer_key& transfer) override;
  std::vector<transfer_key> take_up_spools(const std::vector<kept_spool>& known) override;
  outcome<file_facts> probe(const std::string& path) override;
  outcome<bool> finish_publish(const std::string& path, const transfer_id& transfer, std::uint32_t generation,
                               if_exists policy) override;

 private:
  std::string locate(const std::string& path) const;

  std::string root_;
  std::shared_ptr<spool_space> space_;
};

} // namespace hublink
