#include "node/files/own_inodes.hpp"

#include "node/files/own_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <sys/stat.h>

namespace hublink {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A mount over a file, or another target of a link, changes no folder.
constexpr auto looked_up_after = 1s;
/// File systems take their times from a clock of up to 10 ms: what comes within it may leave a time as it is.
constexpr auto file_clock = 20ms;

std::chrono::nanoseconds changed(const struct stat& folder) {
  return std::chrono::seconds{folder.st_ctim.tv_sec} + std::chrono::nanoseconds{folder.st_ctim.tv_nsec};
}

std::optional<struct stat> look_at(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return found;
}

} // namespace

inode inode_of(const struct stat& file) { return {file.st_dev, file.st_ino}; }

bool own_inodes::has(inode file) {
  std::lock_guard lock{guard_};
  if (!is_fresh()) look_up();
  return std::ranges::binary_search(entries_, file);
}

std::vector<inode> own_inodes::folders() {
  std::lock_guard lock{guard_};
  if (!is_fresh()) look_up();
  std::vector<inode> all;
  for (const auto& [path, each] : folders_)
    if (path != data_) all.push_back(each.which);
  return all;
}

bool own_inodes::is_fresh() const {
  if (!is_settled_ || std::chrono::steady_clock::now() - looked_up_ >= looked_up_after) return false;
  return std::ranges::all_of(folders_, [](const auto& each) {
    const auto& [path, before] = each;
    auto now = look_at(path);
    return now && inode_of(*now) == before.which && changed(*now) == before.changed;
  });
}

void own_inodes::look_up() {
  auto began = std::chrono::system_clock::now().time_since_epoch();
  folders_.clear();
  entries_.clear();
  looked_up_ = std::chrono::steady_clock::now();
  is_settled_ = true;
  look_into(data_, true);
  if (!keys_.empty()) look_into(keys_, false);
  for (const auto& [path, which] : folders_)
    if (which.changed > began - file_clock) is_settled_ = false;
  std::ranges::sort(entries_);
}

/// A folder that can't be read has no entries that could be named.
void own_inodes::look_into(const std::string& path, bool is_data) {
  auto at = look_at(path);
  folders_.push_back({path, at ? folder{inode_of(*at), changed(*at)} : folder{}});
  if (!at) is_settled_ = false;
  std::error_code problem;
  for (fs::directory_iterator entry{path, problem}, end; !problem && entry != end; entry.increment(problem)) {
    if (is_data && !own_files::is_own_name(entry->path().filename().string())) continue;
    auto found = look_at(entry->path());
    if (!found) continue;
    entries_.push_back(inode_of(*found));
    if (is_data && S_ISDIR(found->st_mode)) look_into(entry->path(), false);
  }
}

} // namespace hublink
