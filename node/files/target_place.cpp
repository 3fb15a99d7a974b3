#include "node/files/target_place.hpp"

#include "node/base/durability.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>

namespace hublink {
namespace {

constexpr std::uint64_t most_on_fat = 0xFFFF'FFFF; ///< bytes of a file

bool may_act_as_owner() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  return ::syscall(SYS_capget, &head, sets.data()) == 0 && (sets[0].effective >> CAP_FOWNER & 1) != 0;
}

/// In a sticky directory only its owner and the file's own may put another file in its place.
bool is_held_by_owner(int folder, uid_t owner) {
  struct stat around {};
  if (::fstat(folder, &around) != 0 || (around.st_mode & S_ISVTX) == 0) return false;
  auto self = ::geteuid();
  return owner != self && around.st_uid != self && !may_act_as_owner();
}

failure not_replaced(const file_place& place, const std::string& reason) {
  return {errc::file_denied, {}, "can't publish " + place.shown + ": " + reason};
}

bool is_same_file(int folder, const std::string& one, const std::string& other) {
  struct stat first {
  }, second{};
  return ::fstatat(folder, one.c_str(), &first, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstatat(folder, other.c_str(), &second, AT_SYMLINK_NOFOLLOW) == 0 &&
         first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

/// A second name, then without the first. One that was made and not answered (NFS), or before a crash, is
/// there already.
bool link_name(int folder, const std::string& from, const std::string& to) {
  bool has = ::linkat(folder, from.c_str(), folder, to.c_str(), 0) == 0;
  if (!has && errno == EEXIST) {
    has = is_same_file(folder, from, to);
    if (!has) errno = EEXIST;
  }
  if (has) ::unlinkat(folder, from.c_str(), 0);
  return has;
}

/// Where names are neither refused nor linked: a look, then the rename. What somebody else makes between the
/// two is replaced; a reader sees nothing or all of the file.
bool look_and_rename(int folder, const std::string& from, const std::string& to) {
  struct stat there {};
  if (::fstatat(folder, to.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  if (errno != ENOENT || ::renameat(folder, from.c_str(), folder, to.c_str()) != 0) return false;
  note_lack(folder, "can rename a file only over what has its new name; it is looked for before");
  return true;
}

} // namespace

outcome<> may_take_place(int folder, const file_place& place, if_exists policy) {
  const auto name = place.name();
  struct statx found {};
  if (::statx(folder, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &found) != 0)
    return errno == ENOENT ? outcome<>{} : posix::why_not("publish", place.shown, errno);
  if (S_ISDIR(found.stx_mode)) return {errc::file_denied, place.shown + " is a directory"};
  if (policy == if_exists::refuse) return posix::why_not("publish", place.shown, EEXIST);
  if ((found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
    return not_replaced(place, "it is mounted there; mount its directory instead");
  if ((found.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0)
    return not_replaced(place, "what is there is immutable; see lsattr");
  if (is_held_by_owner(folder, found.stx_uid))
    return not_replaced(place, "what is there belongs to user " + std::to_string(found.stx_uid) +
                                   ", in a sticky directory");
  return {};
}

bool take_name(int folder, const std::string& from, const std::string& to, if_exists policy) {
  auto rename = [&](unsigned how) { return ::renameat2(folder, from.c_str(), folder, to.c_str(), how) == 0; };
  if (policy == if_exists::replace) return rename(0);
  if (rename(RENAME_NOREPLACE)) return true;
  // Not by the errno alone: EINVAL of NFS, 9p and FUSE, ENOSYS of old kernels.
  if (!is_beyond_it(errno)) return false;
  if (link_name(folder, from, to)) return true;
  return errno != EEXIST && look_and_rename(folder, from, to);
}

outcome<> has_room(int file, const std::string& shown, std::uint64_t before, std::uint64_t more) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      before + more > limit.rlim_cur)
    return {errc::no_space, shown + " has " + std::to_string(before + more) +
                                " bytes, this process may write " + std::to_string(limit.rlim_cur) +
                                " into a file; see ulimit -f"};
  struct statfs kind {};
  if (::fstatfs(file, &kind) == 0 && kind.f_type == MSDOS_SUPER_MAGIC && before + more > most_on_fat)
    return posix::why_not("make", shown, EFBIG);
  struct statvfs found {};
  // Who has no blocks at all does not say how many are free (FUSE, object stores).
  if (::fstatvfs(file, &found) != 0 || found.f_blocks == 0) return {};
  auto free_bytes = std::uint64_t(found.f_bavail) * (found.f_frsize ? found.f_frsize : found.f_bsize);
  if (more <= free_bytes) return {};
  return {errc::no_space, shown + " needs " + std::to_string(more) + " bytes, its file system has " +
                              std::to_string(free_bytes)};
}

} // namespace hublink
