#include "node/process/node_directory.hpp"

#include "node/base/ownership.hpp"
#include "node/files/own_files.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/file.h>

namespace hublink {

outcome<unique_fd> node_directory::lock(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return {errc::bad_config, "can't make " + path.string() + ": " + error.message()};
  auto file = (path / "lock").string();
  unique_fd lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return {errc::bad_config, file + ": " + std::strerror(errno)};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return {errc::bad_config, "another node runs in " + path.string() + "; choose another --data"};
  return lock;
}

outcome<node_directory> node_directory::claim(std::filesystem::path path) {
  if (auto fine = check_node_directory(path); !fine) return fine.error();
  auto held = lock(path);
  if (!held) return held.error();
  return node_directory{std::move(path), std::move(*held)};
}

outcome<> check_node_directory(const std::filesystem::path& path) {
  std::error_code problem;
  if (auto there = std::filesystem::status(path, problem); exists(there) && !is_directory(there))
    return {errc::bad_config, path.string() + " is there, and is no directory; name another one with --data"};
  if (auto fine = only_ours_to_write(path); !fine) return fine;
  for (auto* name : {"journal.sqlite", "local.json", "definition.signed", "definitions", "applied.json",
                     "crl.pem", "socks.users", "spool", "clock.json", "events"})
    if (auto fine = only_ours_to_write(path / name); !fine) return fine;
  for (std::filesystem::directory_iterator entry{path, problem}, end; !problem && entry != end;
       entry.increment(problem))
    if (own_files::is_own_name(entry->path().filename().string()))
      if (auto fine = only_ours(entry->path()); !fine) return fine;
  return {};
}

} // namespace hublink
