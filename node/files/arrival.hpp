#pragma once
/// What a receiver's operator says of files that arrive: who may read them, and where they may not be put.
/// docs/reference/local.md.
#include "protocol/base/errors.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <sys/types.h>

namespace hublink {

struct arrival_rule {
  /// `umask`: as any program makes a file there, by umask or by the directory's default ACL. `sender`: the
  /// sender's, below the umask. `fixed`: `mode`.
  enum class rights : std::uint8_t { umask, sender, fixed };
  rights from = rights::umask;
  std::uint32_t mode = 0; ///< permission bits
  std::optional<uid_t> owner{};
  std::optional<gid_t> group{};
  bool require_mount = false; ///< the file's directory, or one above it up to its root, is a mount point

  bool gives_away() const { return owner || group; }
};

struct arrival_rules {
  arrival_rule for_all;
  std::map<std::string, arrival_rule> by_file; ///< file ID; whole, with what is for all filled in

  const arrival_rule& of(const std::string& file) const;
  /// Some get another owner or group.
  bool gives_away() const;
};

/// The permission bits that a file gets in that directory, of which the sender's has `sent`.
std::uint32_t mode_for(const arrival_rule& rule, std::uint32_t sent, int folder);
/// Whether the open file may be given to whom the rule names. It stays the node's, as it is not whole yet.
outcome<> may_be_given(int file, const std::string& shown, const arrival_rule& rule);
/// Gives it to them, with that mode; a file system without modes keeps its own.
outcome<> give(int file, const std::string& shown, const arrival_rule& rule, std::uint32_t mode);

/// Fails unless a mount point is between `folder`, itself included, and what `root` lies in.
outcome<> must_be_mounted(int folder, int root, const std::string& shown);

} // namespace hublink
