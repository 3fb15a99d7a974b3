#include "node/process/node_directory.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/file.h>

namespace hublink {

outcome<node_directory> node_directory::claim(std::filesystem::path path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return {errc::bad_config, "can't make " + path.string() + ": " + error.message()};
  auto file = (path / "lock").string();
  unique_fd lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return {errc::bad_config, file + ": " + std::strerror(errno)};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return {errc::bad_config, "another node runs in " + path.string() + "; choose another --data"};
  return node_directory{std::move(path), std::move(lock)};
}

} // namespace hublink
