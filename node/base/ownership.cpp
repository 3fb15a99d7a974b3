#include "node/base/ownership.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>
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

outcome<> not_examined(const std::filesystem::path& path) {
  if (errno == ENOENT) return {};
  return {errc::bad_config, path.string() + " can't be examined: " + std::strerror(errno)};
}

} // namespace

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
