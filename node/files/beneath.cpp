#include "node/files/beneath.hpp"

#include "node/base/durability.hpp"

#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace hublink::posix {

namespace {

constexpr int most_races = 16; ///< renames that the kernel could not judge in between

int openat2(int directory, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  int fd = -1;
  for (int tries = 0; tries < most_races; ++tries) {
    fd = static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return fd;
}

bool has_openat2() {
  static const bool found = unique_fd{openat2(AT_FDCWD, ".", O_PATH)}.get() >= 0;
  return found;
}

/// A part at a time, and no link.
unique_fd walk(int directory, const std::string& path, int flags) {
  unique_fd at;
  auto base = [&] { return at ? at.get() : directory; };
  std::size_t begin = 0;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', begin)) {
    auto part = path.substr(begin, slash - begin);
    begin = slash + 1;
    unique_fd next{::openat(base(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!next) return next;
    at = std::move(next);
  }
  return unique_fd{::openat(base(), path.c_str() + begin, flags | O_NOFOLLOW | O_CLOEXEC)};
}

/// `parent` is durable with its new entry.
bool make_entry(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0777) != 0) return errno == EEXIST;
  return sync_names(parent);
}

} // namespace

unique_fd open_beneath(int directory, const std::string& path, int flags) {
  return has_openat2() ? unique_fd{openat2(directory, path.c_str(), flags)} : walk(directory, path, flags);
}

unique_fd open_folder_beneath(int directory, const std::string& path) {
  auto there = open_beneath(directory, path, O_RDONLY | O_DIRECTORY);
  if (!there && errno == EACCES) there = open_beneath(directory, path, O_PATH | O_DIRECTORY);
  return there;
}

unique_fd make_beneath(int directory, const std::string& path) {
  auto there = open_folder_beneath(directory, path);
  if (there || errno != ENOENT || path == ".") return there;
  auto slash = path.rfind('/');
  auto parent = make_beneath(directory, slash == std::string::npos ? "." : path.substr(0, slash));
  if (!parent || !make_entry(parent.get(), slash == std::string::npos ? path : path.substr(slash + 1)))
    return {};
  return open_folder_beneath(directory, path);
}

} // namespace hublink::posix
