#include "node/files/own_files.hpp"

#include "node/base/unique_fd.hpp"
#include "node/files/own_inodes.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink {

namespace {

using namespace std::string_view_literals;

/// How the names of what a node keeps in its directory begin. Wider than what there is today: a later version
/// finds its files untouched.
constexpr std::array beginnings{"local.json"sv, "lock"sv,       "journal"sv,     "events"sv,     "hublink"sv,
                                "control"sv,    "definition"sv, "applied"sv,     "clock.json"sv, "crl"sv,
                                "revo"sv,       "spool"sv,      "socks.users"sv, "accounts"sv,   "keys"sv,
                                "tokens"sv,     "invitations"sv};
/// The CA's folder, where a manager holds it.
constexpr auto ca_folder = "ca"sv;

} // namespace

bool own_files::is_own_name(std::string_view name) {
  return name.starts_with('.') || name == ca_folder ||
         std::ranges::any_of(beginnings, [&](auto beginning) { return name.starts_with(beginning); });
}

bool own_files::has(const struct stat& file) const { return inodes_->has(inode_of(file)); }

bool own_files::takes_in(int directory, std::string_view name) const {
  struct stat at {};
  struct stat data {};
  if (::fstat(directory, &at) != 0) return true;
  bool has_data = ::stat(data_.c_str(), &data) == 0;
  auto is_data = [&] { return has_data && inode_of(at) == inode_of(data); };
  auto folders = inodes_->folders();
  auto is_own_folder = [&] { return std::ranges::find(folders, inode_of(at)) != folders.end(); };
  if (is_data()) return is_own_name(name) || is_own_folder();
  // Upwards to the root of all, so that no mount or link on the way hides them. What the data directory
  // itself lies in says nothing.
  unique_fd up{::openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  while (up && !is_data()) {
    if (is_own_folder()) return true;
    unique_fd parent{::openat(up.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    auto below = at;
    if (!parent || ::fstat(parent.get(), &at) != 0) return true;
    if (inode_of(below) == inode_of(at)) return false;
    up = std::move(parent);
  }
  return !up;
}

} // namespace hublink
