#pragma once
/// `file_store` on POSIX files.
#include "actors/file_store.hpp"

namespace hublink {

class posix_store : public file_store {
 public:
  /// Relative paths start at `root`, the node's data directory.
  explicit posix_store(std::string root) : root_(std::move(root)) {}

  std::unique_ptr<transfer_file> source(const std::string& path) override;
  std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy) override;
  outcome<file_facts> probe(const std::string& path) override;
  outcome<bool> finish_publish(const std::string& path, const transfer_id& transfer, std::uint32_t generation,
                               if_exists policy) override;

 private:
  std::string locate(const std::string& path) const;

  std::string root_;
};

} // namespace hublink
