#pragma once
/// A file to be sent. Symbolic links are followed; what they lead to must be a regular file.
#include "actors/ports/file_store.hpp"
#include "node/base/unique_fd.hpp"

namespace hublink {

class posix_source : public transfer_file {
 public:
  explicit posix_source(std::string path) : path_(std::move(path)) {}

  outcome<file_facts> open() override;
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override;
  outcome<file_facts> recheck() override;

 private:
  std::string path_;
  unique_fd fd_;
};

} // namespace hublink
