#include "node/base/durability.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace hublink {
namespace {

std::string path_behind(int file) {
  char path[PATH_MAX];
  auto link = "/proc/self/fd/" + std::to_string(file);
  auto size = ::readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "an open file";
}

/// A disk that lost something says so by other words.
bool can_not_sync(int error) {
  return is_beyond_it(error) || error == EROFS || error == EBADF || error == EISDIR || error == EACCES;
}

/// All of the file system, for what it can't sync by itself.
bool sync_all(int file, const std::string& lack) {
  auto error = errno;
  if (::syncfs(file) == 0) {
    note_lack(file, lack + " (" + std::strerror(error) + "); all of it is synced instead");
    return true;
  }
  return false;
}

} // namespace

bool is_beyond_it(int error) {
  switch (error) {
  case EINVAL:
  case ENOSYS:
  case EOPNOTSUPP:
  case ENOTTY:
  case EPERM:
    return true;
  default:
    return false;
  }
}

void note_lack(int file, const std::string& lack) {
  static std::mutex lock;
  static std::set<std::pair<dev_t, std::string>> noted;
  struct stat found {};
  if (::fstat(file, &found) != 0) return;
  std::lock_guard guard{lock};
  if (noted.emplace(found.st_dev, lack).second)
    spdlog::warn("the file system of {}: {}", path_behind(file), lack);
}

bool sync_content(int file) {
  if (::fsync(file) == 0) return true;
  if (errno == EBADF || !can_not_sync(errno)) return false;
  if (sync_all(file, "can't sync a file")) return true;
  if (!can_not_sync(errno)) return false;
  note_lack(file, "can't sync anything; what is written there is as safe as it makes it");
  return true;
}

bool sync_names(int directory, int file) {
  if (::fsync(directory) == 0) return true;
  if (!can_not_sync(errno)) return false;
  if (sync_all(directory, "can't sync a directory")) return true;
  if (file >= 0 && ::syncfs(file) == 0) return true;
  if (!can_not_sync(errno)) return false;
  note_lack(directory, "can't sync a directory; a name is as safe there as it makes it");
  return true;
}

} // namespace hublink
