#pragma once
/// What a node keeps for itself: keys, journal, `local.json`, definitions, traces, spools. No definition may
/// send or replace any of it, by whatever path, link or mount it gets there. Copies share what they know.
#include "node/files/own_inodes.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace hublink {

class own_files {
 public:
  /// `data`: the node's directory. `keys`: its key folder; empty: none.
  own_files(const std::string& data, std::string keys)
      : data_(data), inodes_(std::make_shared<own_inodes>(data, std::move(keys))) {}

  /// The same file, under any name.
  bool has(const struct stat& file) const;
  /// A file of that name in `directory` would be one, or would lie among them.
  bool takes_in(int directory, std::string_view name) const;

  /// Names in the data directory that are the node's, also those that it has not made yet.
  static bool is_own_name(std::string_view name);

 private:
  std::string data_;
  std::shared_ptr<own_inodes> inodes_;
};

} // namespace hublink
