#include "node/files/posix_file.hpp"

#include "node/base/durability.hpp"
#include "node/base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <system_error>
#include <vector>

namespace hublink::posix {

failure why_not(const std::string& what, const std::string& path, int error, errc missing) {
  auto code = [&] {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
      return missing;
    case EACCES:
    case EPERM:
    case EROFS:
      return errc::file_denied;
    case ENOSPC:
    case EDQUOT:
      return errc::no_space;
    case EEXIST:
      return errc::file_exists;
    default:
      return errc::io_error;
    }
  }();
  return {code, {}, "can't " + what + " " + path + ": " + std::generic_category().message(error)};
}

file_facts facts_of(const struct stat& found) {
  return {std::uint64_t(found.st_size),
          std::int64_t(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec, found.st_mode & 07777u};
}

outcome<> must_be_regular(const std::string& path, const struct stat& found) {
  if (S_ISREG(found.st_mode)) return {};
  return {errc::file_denied, path + " is " + (S_ISDIR(found.st_mode) ? "a directory" : "not a regular file")};
}

mode_t current_umask() {
  constexpr mode_t private_files = 077;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (unsigned mask = private_files; word == "Umask:" && status >> std::oct >> mask) return mask & 0777;
  return private_files;
}

outcome<> read_all(int fd, const std::string& path, std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    auto count = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return why_not("read", path, errno);
    if (count == 0) return {errc::file_changed, path + " is shorter than it was"};
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

std::string directory_of(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

outcome<> make_directories(const std::string& directory) {
  std::vector<std::string> missing;
  struct stat found;
  for (auto at = directory; ::stat(at.c_str(), &found) != 0; at = directory_of(at)) {
    if (errno != ENOENT) return why_not("use the directory", at, errno);
    missing.push_back(at);
  }
  for (; !missing.empty(); missing.pop_back()) {
    auto& at = missing.back();
    if (::mkdir(at.c_str(), 0777) != 0 && errno != EEXIST) return why_not("make the directory", at, errno);
    if (auto synced = sync_directory(directory_of(at)); !synced) return synced;
  }
  return {};
}

outcome<> sync_directory(const std::string& directory) {
  unique_fd open_one(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open_one && errno == EACCES)
    open_one = unique_fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return sync_directory(open_one.get(), directory);
}

outcome<> sync_directory(int directory, const std::string& shown, int file) {
  if (directory < 0 || !sync_names(directory, file)) return why_not("sync the directory", shown, errno);
  return {};
}

} // namespace hublink::posix
