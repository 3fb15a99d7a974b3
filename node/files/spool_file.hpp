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

  /// Removes all files but these, which take what they took; returns those that lack bytes.
  std::vector<transfer_id> take_up(const std::vector<kept_spool>& known);
  /// Room for a spool of that size, from now until it is dropped; `no_space` says what is taken and how much
  /// may be.
  outcome<> reserve(const transfer_id& transfer, std::uint64_t bytes);
  void drop(const transfer_id& transfer);
  std::string path_of(const transfer_id& transfer) const { return directory_ + "/" + transfer; }

 private:
  const std::string directory_;
  const std::uint64_t most_;
  std::mutex lock_;
  std::map<transfer_id, std::uint64_t> taken_; ///< bytes
};

/// For the end that takes the stream, or for one that feeds a branch.
std::unique_ptr<transfer_file> make_spool_file(std::shared_ptr<spool_space> space,
                                               const transfer_id& transfer);

} // namespace hublink
