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

bool own_inodes::has(inode file) { return std::ranges::binary_search(current()->entries, file); }

std::vector<inode> own_inodes::folders() {
  std::vector<inode> all;
  for (const auto& [path, each] : current()->folders)
    if (path != data_) all.push_back(each.which);
  return all;
}

own_inodes::findings_ptr own_inodes::current() {
  auto known = [&] {
    std::lock_guard lock{guard_};
    return kept_;
  }();
  if (known && known->is_fresh()) return known;
  auto found = look_up();
  std::lock_guard lock{guard_};
  // Others may have looked in the meantime, and later.
  if (!kept_ || kept_->looked_up < found->looked_up) kept_ = found;
  return found;
}

bool own_inodes::findings::is_fresh() const {
  if (!is_settled || std::chrono::steady_clock::now() - looked_up >= looked_up_after) return false;
  return std::ranges::all_of(folders, [](const auto& each) {
    const auto& [path, before] = each;
    auto now = look_at(path);
    return now && inode_of(*now) == before.which && changed(*now) == before.changed;
  });
}

own_inodes::findings_ptr own_inodes::look_up() const {
  auto began = std::chrono::system_clock::now().time_since_epoch();
  auto found = std::make_shared<findings>();
  found->looked_up = std::chrono::steady_clock::now();
  found->look_into(data_, true);
  if (!keys_.empty()) found->look_into(keys_, false);
  for (const auto& [path, which] : found->folders)
    if (which.changed > began - file_clock) found->is_settled = false;
  std::ranges::sort(found->entries);
  return found;
}

/// A folder that can't be read has no entries that could be named.
void own_inodes::findings::look_into(const std::string& path, bool is_data) {
  auto at = look_at(path);
  folders.push_back({path, at ? folder{inode_of(*at), changed(*at)} : folder{}});
  if (!at) is_settled = false;
  std::error_code problem;
  for (fs::directory_iterator entry{path, problem}, end; !problem && entry != end; entry.increment(problem)) {
    if (is_data && !own_files::is_own_name(entry->path().filename().string())) continue;
    auto found = look_at(entry->path());
    if (!found) continue;
    entries.push_back(inode_of(*found));
    if (is_data && S_ISDIR(found->st_mode)) look_into(entry->path(), false);
  }
}

} // namespace hublink
