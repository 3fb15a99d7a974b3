#include "node/files/arrival.hpp"

#include "node/base/durability.hpp"
#include "node/base/unique_fd.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace hublink {
namespace {

constexpr mode_t as_programs_ask = 0666;
constexpr uid_t unchanged = static_cast<uid_t>(-1);

/// What a directory's default ACL leaves of the mode that programs ask for; nothing: it has none.
std::optional<mode_t> mode_by_default_acl(int folder) {
  std::array<char, 4096> list{};
  auto size = ::fgetxattr(folder, "system.posix_acl_default", list.data(), list.size());
  if (size < static_cast<ssize_t>(sizeof(posix_acl_xattr_header))) return {};
  mode_t owner = 0, group = 0, mask = 0, other = 0;
  bool has_mask = false;
  for (auto at = sizeof(posix_acl_xattr_header); at + sizeof(posix_acl_xattr_entry) <= std::size_t(size);
       at += sizeof(posix_acl_xattr_entry)) {
    posix_acl_xattr_entry entry{};
    std::memcpy(&entry, list.data() + at, sizeof entry);
    if (entry.e_tag == ACL_USER_OBJ) owner = entry.e_perm;
    if (entry.e_tag == ACL_GROUP_OBJ) group = entry.e_perm;
    if (entry.e_tag == ACL_OTHER) other = entry.e_perm;
    if (entry.e_tag != ACL_MASK) continue;
    mask = entry.e_perm;
    has_mask = true;
  }
  return as_programs_ask & (owner << 6 | (has_mask ? mask : group) << 3 | other);
}

/// Of whom the file is to be.
std::string named(const arrival_rule& rule) {
  std::string text;
  if (rule.owner) text += "user " + std::to_string(*rule.owner);
  if (rule.group) text += (text.empty() ? "group " : ", group ") + std::to_string(*rule.group);
  return text;
}

failure not_given(const std::string& shown, const arrival_rule& rule) {
  auto error = errno;
  auto why = posix::why_not("give", shown, error);
  why.text += "; local.json names " + named(rule) + ": the node's user must be root, or in that group";
  return why;
}

std::uint64_t mount_of(int directory) {
  struct statx found {};
  if (::statx(directory, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) != 0) return 0;
  if ((found.stx_mask & STATX_MNT_ID) != 0) return found.stx_mnt_id;
  return std::uint64_t(found.stx_dev_major) << 32 | found.stx_dev_minor; // before Linux 5.8
}

} // namespace

const arrival_rule& arrival_rules::of(const std::string& file) const {
  auto found = by_file.find(file);
  return found == by_file.end() ? for_all : found->second;
}

bool arrival_rules::gives_away() const {
  return for_all.gives_away() ||
         std::ranges::any_of(by_file, [](const auto& row) { return row.second.gives_away(); });
}

std::uint32_t mode_for(const arrival_rule& rule, std::uint32_t sent, int folder) {
  using enum arrival_rule::rights;
  if (rule.from == fixed) return rule.mode;
  if (rule.from == sender) return sent & 0777 & ~posix::current_umask();
  if (auto by_directory = mode_by_default_acl(folder)) return *by_directory;
  return as_programs_ask & ~posix::current_umask();
}

outcome<> may_be_given(int file, const std::string& shown, const arrival_rule& rule) {
  if (!rule.gives_away()) return {};
  if (::fchown(file, rule.owner.value_or(unchanged), rule.group.value_or(unchanged)) != 0)
    return not_given(shown, rule);
  if (rule.owner && ::fchown(file, ::geteuid(), unchanged) != 0) return not_given(shown, rule);
  return {};
}

// The group before the mode, which would else be for another one; the owner last, for then it is not ours.
outcome<> give(int file, const std::string& shown, const arrival_rule& rule, std::uint32_t mode) {
  if (rule.group && ::fchown(file, unchanged, *rule.group) != 0) return not_given(shown, rule);
  if (::fchmod(file, mode) != 0) {
    if (!is_beyond_it(errno) && errno != EACCES) return posix::why_not("set the mode of", shown, errno);
    note_lack(file, "does not let modes be set; files have what it gives them");
  }
  if (rule.owner && ::fchown(file, *rule.owner, unchanged) != 0) return not_given(shown, rule);
  return {};
}

outcome<> must_be_mounted(int folder, int root, const std::string& shown) {
  unique_fd above{root < 0 ? -1 : ::openat(root, "..", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (above && mount_of(folder) != mount_of(above.get())) return {};
  return {errc::io_error, shown + " is not mounted, and local.json has require_mount for it; mount it"};
}

} // namespace hublink
