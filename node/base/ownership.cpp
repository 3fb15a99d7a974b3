#include "node/base/ownership.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace hublink {

outcome<> only_ours_to_write(const std::filesystem::path& path) {
  constexpr mode_t by_others = 022;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return {errc::bad_config, path.string() + " can't be examined: " + std::strerror(errno)};
  }
  auto user = ::geteuid();
  if (found.st_uid != 0 && found.st_uid != user)
    return {errc::bad_config, path.string() + " belongs to user " + std::to_string(found.st_uid) +
                                  ", and this is user " + std::to_string(user) +
                                  ": run the node as its owner, or chown it"};
  if ((found.st_mode & by_others) != 0)
    return {errc::bad_config, path.string() + " can be written by others: chmod go-w it"};
  return {};
}

} // namespace hublink
