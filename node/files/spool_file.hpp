#pragma once
/// The chunks of broadcasts at their point: one file each, in a directory of its own.
#include "actors/ports/file_store.hpp"

#include <map>
#include <mutex>

namespace hublink {

/// What all spools of a node take of its disk. Thread-safe.
class spool_space {
 public:
  spool_space(std::string directory, std::uint64_t most_bytes);

  /// Removes all files but these, which take what they took; returns those that lack bytes. One that an
  /// earlier version named by its id alone gets its `storage_name`.
  std::vector<transfer_key> take_up(const std::vector<kept_spool>& known);
  /// Room for a spool of that size, from now until it is dropped; `no_space` says what is taken and how much
  /// may be.
  outcome<> reserve(const std::string& name, std::uint64_t bytes);
  void drop(const std::string& name);
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }

 private:
  const std::string directory_;
  const std::uint64_t most_;
  std::mutex lock_;
  std::map<std::string, std::uint64_t> taken_; ///< bytes, by `storage_name`
};

/// For the end that takes the stream, or for one that feeds a branch.
std::unique_ptr<transfer_file> make_spool_file(std::shared_ptr<spool_space> space);

} // namespace hublink
