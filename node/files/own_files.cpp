#include "node/files/own_files.hpp"

#include "node/base/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink {

namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;

/// How the names of what a node keeps in its directory begin. Wider than what there is today: a later version
/// finds its files untouched.
constexpr std::array beginnings{"local.json"sv,  "lock"sv,     "journal"sv,    "events"sv,
                                "hublink"sv,     "control"sv,  "definition"sv, "applied"sv,
                                "clock.json"sv,  "crl"sv,      "revo"sv,       "spool"sv,
                                "socks.users"sv, "accounts"sv, "keys"sv,       "tokens"sv};

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

std::optional<struct stat> look_at(const fs::path& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return found;
}

/// Calls for every entry until one answers true. A folder that can't be read has none that could be named.
template <class Is>
bool any_entry(const fs::path& folder, Is is) {
  std::error_code problem;
  for (fs::directory_iterator entry{folder, problem}, end; !problem && entry != end; entry.increment(problem))
    if (is(entry->path())) return true;
  return false;
}

} // namespace

bool own_files::is_own_name(std::string_view name) {
  return name.starts_with('.') ||
         std::ranges::any_of(beginnings, [&](auto beginning) { return name.starts_with(beginning); });
}

std::vector<std::string> own_files::own_folders() const {
  std::vector<std::string> all;
  if (!keys_.empty()) all.push_back(keys_);
  any_entry(data_, [&](const fs::path& entry) {
    std::error_code problem;
    if (is_own_name(entry.filename().string()) && fs::is_directory(entry, problem)) all.push_back(entry);
    return false;
  });
  return all;
}

bool own_files::has(const struct stat& file) const {
  auto is_it = [&](const fs::path& path) {
    auto found = look_at(path);
    return found && is_same(*found, file);
  };
  if (any_entry(data_, [&](const fs::path& entry) {
        return is_own_name(entry.filename().string()) && is_it(entry);
      }))
    return true;
  return std::ranges::any_of(own_folders(), [&](const auto& folder) { return any_entry(folder, is_it); });
}

bool own_files::takes_in(int directory, std::string_view name) const {
  struct stat at {};
  if (::fstat(directory, &at) != 0) return true;
  auto data = look_at(data_);
  std::vector<struct stat> folders;
  for (const auto& folder : own_folders())
    if (auto found = look_at(folder)) folders.push_back(*found);
  auto is_own_folder = [&] {
    return std::ranges::any_of(folders, [&](const auto& folder) { return is_same(folder, at); });
  };
  if (data && is_same(*data, at)) return is_own_name(name) || is_own_folder();
  // Upwards to the root of all, so that no mount or link on the way hides them. What the data directory
  // itself lies in says nothing.
  unique_fd up{::openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  while (up && !(data && is_same(*data, at))) {
    if (is_own_folder()) return true;
    unique_fd parent{::openat(up.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    auto below = at;
    if (!parent || ::fstat(parent.get(), &at) != 0) return true;
    if (is_same(below, at)) return false;
    up = std::move(parent);
  }
  return !up;
}

} // namespace hublink
