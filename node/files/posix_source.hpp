#pragma once
/// A file to be sent: a regular one, that whoever put it there may send.
#include "actors/ports/file_store.hpp"
#include "node/base/unique_fd.hpp"
#include "node/files/file_roots.hpp"

namespace hublink {

/// A source that is open, and what it was then.
struct open_source {
  unique_fd file;
  file_facts facts;
};
/// Symbolic links are followed within the root. Fails with `file_missing`, or with `file_denied`: no right,
/// no regular file (a pipe or device is not even opened), one of the node's own, one that may be another's.
outcome<open_source> open_to_send(const file_roots& roots, const std::string& path);

class posix_source : public transfer_file {
 public:
  posix_source(file_roots_ptr roots, std::string path)
      : roots_(std::move(roots)), path_(std::move(path)), shown_(roots_->full_path(path_)) {}

  outcome<file_facts> open() override;
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override;
  outcome<file_facts> recheck() override;
  std::string place() const override { return shown_; }

 private:
  file_roots_ptr roots_;
  std::string path_, shown_;
  unique_fd fd_;
};

} // namespace hublink
