#include "node/base/ownership.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include <sys/xattr.h>
#include <unistd.h>

namespace hublink {

namespace {

outcome<> check_owner(const std::filesystem::path& path, uid_t owner) {
  auto user = ::geteuid();
  if (owner == 0 || owner == user) return {};
  return {errc::bad_config, path.string() + " belongs to user " + std::to_string(owner) +
                                ", and this is user " + std::to_string(user) +
                                ": run the node as its owner, or chown it"};
}

/// An entry of `system.posix_acl_access`, as the kernel has it (acl(5)).
struct acl_entry {
  std::uint16_t tag, rights;
  std::uint32_t who;
};
constexpr std::uint16_t acl_user_object = 1, acl_user = 2, acl_mask = 0x10;

/// Nothing: there is no list, or it can't be read.
std::vector<acl_entry> access_list(const std::filesystem::path& path) {
  constexpr std::size_t head = 4; // its version
  std::array<char, head + 64 * sizeof(acl_entry)> raw{};
  auto size = ::getxattr(path.c_str(), "system.posix_acl_access", raw.data(), raw.size());
  if (size < static_cast<ssize_t>(head)) return {};
  std::vector<acl_entry> entries((static_cast<std::size_t>(size) - head) / sizeof(acl_entry));
  if (!entries.empty()) std::memcpy(entries.data(), raw.data() + head, entries.size() * sizeof(acl_entry));
  return entries;
}

/// The group's bits of a file with a list are the list's mask.
bool gives_others_nothing(const std::vector<acl_entry>& entries) {
  for (const auto& entry : entries) {
    bool fine = entry.tag == acl_user_object || entry.tag == acl_mask || entry.rights == 0 ||
                (entry.tag == acl_user && (entry.who == 0 || entry.who == ::geteuid()));
    if (!fine) return false;
  }
  return !entries.empty();
}

outcome<> not_examined(const std::filesystem::path& path) {
  if (errno == ENOENT || errno == ENOTDIR) return {};
  return {errc::bad_config, path.string() + " can't be examined: " + std::strerror(errno)};
}

} // namespace

bool is_ours_to_read(const std::filesystem::path& path, const struct stat& facts) {
  if ((facts.st_mode & 077) == 0) return true;
  return (facts.st_mode & 027) == 0 && gives_others_nothing(access_list(path));
}

outcome<> only_ours(const std::filesystem::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? check_owner(path, found.st_uid) : not_examined(path);
}

outcome<> only_ours_to_write(const std::filesystem::path& path) {
  constexpr mode_t by_others = 022;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return not_examined(path);
  if (auto fine = check_owner(path, found.st_uid); !fine) return fine;
  bool sticky = S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) != 0;
  if ((found.st_mode & by_others) != 0 && !sticky)
    return {errc::bad_config, path.string() + " can be written by others: chmod go-w it"};
  return {};
}

} // namespace hublink
