#pragma once
/// What a node keeps for itself: keys, journal, `local.json`, definitions, traces, spools. No definition may
/// send or replace any of it, by whatever path, link or mount it gets there.
#include <string>
#include <string_view>
#include <vector>

struct stat;

namespace hublink {

class own_files {
 public:
  /// `data`: the node's directory. `keys`: its key folder; empty: none.
  own_files(std::string data, std::string keys) : data_(std::move(data)), keys_(std::move(keys)) {}

  /// The same file, under any name.
  bool has(const struct stat& file) const;
  /// A file of that name in `directory` would be one, or would lie among them.
  bool takes_in(int directory, std::string_view name) const;

  /// Names in the data directory that are the node's, also those that it has not made yet.
  static bool is_own_name(std::string_view name);

 private:
  std::vector<std::string> own_folders() const;

  std::string data_, keys_;
};

} // namespace hublink
