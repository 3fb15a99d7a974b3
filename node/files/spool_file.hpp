#pragma once
/// The chunks of broadcasts at their point: one file each, in a directory of its own.
#include "actors/ports/file_store.hpp"
#include "protocol/base/fair_share.hpp"

#include <map>
#include <mutex>

namespace hublink {

/// What all spools of a node take of its disk, and each sender's share of that. It counts what has come: what
/// an offer says about itself costs nothing. Thread-safe.
class spool_space {
 public:
  spool_space(std::string directory, std::uint64_t most_bytes);

  /// Removes all files but these, which take what is in them; returns those that lack bytes.
  /// One that an earlier version named by its id alone gets its `storage_name`.
  std::vector<transfer_key> take_up(const std::vector<kept_spool>& known);
  /// A spool of that size may begin, from its first byte on or behind those that it has: there would be room
  /// for all of it now. `no_space` says what is taken and how much may be.
  outcome<> admit(const std::string& name, const std::string& sender, std::uint64_t size, std::uint64_t keep);
  /// Room for its bytes up to there, from now until it is dropped, and some more in advance: how many.
  outcome<std::uint64_t> grow(const std::string& name, std::uint64_t end);
  /// Its room is free at once; its file is removed by `remove`, which may take a while. False: there is none.
  bool drop(const std::string& name);
  /// The file of one that was dropped, unless there is a new one by then.
  void remove(const std::string& name);
  struct usage {
    std::uint64_t bytes = 0, most = 0;
  };
  usage used();
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }

 private:
  const std::string directory_;
  const std::uint64_t most_; ///< bytes
  std::mutex lock_;
  struct kept {
    std::string sender;
    std::uint64_t bytes = 0;
  };
  failure too_large(const std::string& sender, std::uint64_t bytes) const;
  bool set(kept& spool, std::uint64_t bytes);
  /// That a spool counts as, if there is nothing in it.
  std::uint64_t least() const { return most_ / 8192; }

  std::map<std::string, kept> kept_; ///< by `storage_name`
  fair_share share_;
  std::uint64_t removed_ = 0;
};

/// For the end that takes the stream, or for one that feeds a branch.
std::unique_ptr<transfer_file> make_spool_file(std::shared_ptr<spool_space> space);

} // namespace hublink
