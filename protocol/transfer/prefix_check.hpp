#pragma once
/// Reads the beginning of a file again, as far as a checkpoint goes, and takes its digest: does it still hold
/// what the checkpoint says? Both ends of a resumed transfer ask so, each of its own file.
#include "protocol/circuit/file_steps.hpp"
#include "protocol/transfer/digest.hpp"

namespace hublink {

class prefix_check {
 public:
  /// The digest's text says its kind; one of no known kind never holds.
  explicit prefix_check(checkpoint expected);
  /// Nobody says what it should be: takes the digest alone, and always holds.
  prefix_check(std::uint64_t size, digest_kind kind);

  bool complete() const { return read_ == expected_.bytes; }
  /// The next piece, `read()` after it was filled.
  read_file next();
  void read();
  /// A sign of life is due to the peer, who waits: true once for each 64 MiB.
  bool should_report();
  std::uint64_t bytes_read() const { return read_; }

  bool holds() const { return complete() && digest_ && (trusts_ || digest_->text() == expected_.digest); }
  /// Goes on where the prefix ends.
  file_digest take_digest() { return std::move(*digest_); }

 private:
  checkpoint expected_;
  bool trusts_ = false;
  std::optional<file_digest> digest_;
  bytes buffer_;
  std::uint64_t read_ = 0, reported_ = 0;
};

} // namespace hublink
