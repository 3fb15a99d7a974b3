#pragma once
/// Files as the ends of a transfer need them. Blocking: called only where work may block (the pump's pool),
/// never by an actor, except `probe`. Failures carry the codes `file_*`, `no_space`, `io_error` and a text
/// that names the path.
#include "protocol/transfer_end.hpp"

#include <memory>
#include <string>

namespace hublink {

/// One file of one attempt. Sources: `open`, `read`, `recheck`. Targets: `create`, `write`, `sync`,
/// `publish`, `discard`.
class transfer_file {
 public:
  virtual ~transfer_file() = default;

  virtual outcome<file_facts> open() = 0;
  virtual outcome<> read(std::uint64_t offset, std::span<std::byte> into) = 0; ///< all or `file_changed`
  virtual outcome<file_facts> recheck() = 0; ///< of the open file and of what the path names now

  virtual outcome<>
  create(const create_file& wanted) = 0; ///< partial file beside the target; `no_space` if it can't fit
  virtual outcome<> write(std::uint64_t offset, byte_view data) = 0; ///< runs of zeros may become holes
  virtual outcome<> sync() = 0;
  virtual outcome<> publish() = 0; ///< atomic rename, then the directory is synced
  virtual void discard() = 0;      ///< removes the partial file, if any
};

enum class if_exists : std::uint8_t { replace, refuse };

class file_store {
 public:
  virtual ~file_store() = default;

  /// Paths are relative to the node's data directory unless absolute.
  virtual std::unique_ptr<transfer_file> source(const std::string& path) = 0;
  virtual std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy) = 0;
  /// One stat: can this be sent?
  virtual outcome<file_facts> probe(const std::string& path) = 0;
  /// After a crash between `publishing` and `published`: true if the file was published (the partial file is
  /// gone) or is now.
  virtual outcome<bool> finish_publish(const std::string& path, const transfer_id& transfer,
                                       std::uint32_t generation, if_exists policy) = 0;
};

} // namespace hublink
