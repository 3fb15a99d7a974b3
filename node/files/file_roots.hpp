#pragma once
/// Where the paths of definitions may lead. A definition comes from a manager; what it may touch on this
/// machine is its operator's to say (docs/internals/security.md, "Head office is not root here").
#include "node/base/unique_fd.hpp"
#include "node/files/own_files.hpp"
#include "protocol/base/errors.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hublink {

enum class file_use : std::uint8_t { source, target };

struct file_rules {
  std::string data{}; ///< the node's directory: relative paths start there
  std::string keys{}; ///< the node's key folder; empty: none
  /// Directories, relative to `data` or absolute: what lies below may be named.
  std::vector<std::string> roots{"in", "out"};
  /// Directories, written in the same way, below which nothing is read or written unless they are mount
  /// points.
  std::vector<std::string> mounts{};
  /// Single paths, as definitions write them, that the operator himself gave to this node.
  std::set<std::string> sources{}, targets{};
};

/// A path that may be used.
struct file_place {
  unique_fd root;    ///< the directory that it does not leave
  std::string below; ///< from there, without ".."
  std::string shown; ///< absolute, for messages

  std::string folder() const; ///< `below` without the name; "." if that is all
  std::string name() const;
};

/// Thread-safe: never changed once made.
class file_roots {
 public:
  explicit file_roots(file_rules rules);

  /// Fails with `file_denied` and what the operator could do, if nothing allows that path; with
  /// `file_missing` (a source) or `io_error` if the root is not there, or what must be mounted is not.
  outcome<file_place> find(const std::string& path, file_use use) const;
  /// Could a definition put a file there, by this path or by where its links lead?
  bool lets_write(const std::string& path) const;
  /// Directories, absolute, in which files may be made; the first is the node's own.
  std::vector<std::string> written_folders() const;
  const own_files& own() const { return own_; }
  /// As `find` shows it.
  std::string full_path(const std::string& path) const;

 private:
  struct root {
    std::string path;
    bool made = false; ///< below the data directory: made when the first file comes
  };
  outcome<file_place> open_root(const root& at, const std::string& full, file_use use) const;
  outcome<> has_its_mounts(const std::string& full) const;

  file_rules rules_;
  own_files own_;
  std::vector<root> roots_;
};

using file_roots_ptr = std::shared_ptr<const file_roots>;

/// A root and everything below it, without any that the operator named. For tests and benches.
file_roots_ptr everything_below(const std::string& directory);

} // namespace hublink
