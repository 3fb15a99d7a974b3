#include "node/loader/program_file.hpp"
#include "node/loader/elf_file.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace hublink::loader {

namespace {

constexpr int deepest_script = 5; // as the kernel: the program itself and four interpreters

/// Whether exec would give the program more rights than its user has: then it is AT_SECURE.
obstacle rights_of(int fd) {
  if (::getuid() != ::geteuid() || ::getgid() != ::getegid()) return obstacle::mixed_ids;
  struct stat found;
  struct statvfs mounted;
  if (::fstat(fd, &found) != 0) return obstacle::unreadable;
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return obstacle::none;
  if (::fstatvfs(fd, &mounted) == 0 && (mounted.f_flag & ST_NOSUID)) return obstacle::none;
  if ((found.st_mode & S_ISUID) && found.st_uid != ::getuid()) return obstacle::set_id;
  if ((found.st_mode & S_ISGID) && (found.st_mode & S_IXGRP) && found.st_gid != ::getgid())
    return obstacle::set_id;
  if (::getuid() != 0 && ::fgetxattr(fd, "security.capability", nullptr, 0) > 0)
    return obstacle::capabilities;
  return obstacle::none;
}

obstacle examine_elf(int fd) {
  elf_file elf{fd};
  if (!elf.is_of_this_machine()) return obstacle::other_machine;
  char loader[64];
  if (!elf.loader(loader)) return obstacle::no_loader;
  if (!is_own_loader(loader)) return obstacle::other_loader;
  if (elf.is_go()) return obstacle::own_calls;
  if (elf.needs_sanitizer()) return obstacle::sanitizer;
  return rights_of(fd);
}

/// The first word behind `#!`; false: there is none.
bool read_interpreter(const char* line, std::size_t size, char (&into)[256]) {
  std::size_t at = 2, length = 0;
  while (at < size && (line[at] == ' ' || line[at] == '\t')) ++at;
  while (at < size && !std::strchr(" \t\n", line[at]) && length + 1 < sizeof into)
    into[length++] = line[at++]; // a zero ends it as well: strchr finds that one, too
  into[length] = 0;
  return length > 0;
}

/// No shell would take it for a script.
bool is_binary(const char* head, std::size_t size) {
  auto* end = static_cast<const char*>(std::memchr(head, '\n', size));
  return std::memchr(head, 0, end ? std::size_t(end - head) : size) != nullptr;
}

int open_program(int directory, const char* path, int flags) {
  if (!(flags & AT_EMPTY_PATH) || *path) return ::openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char link[32] = "/proc/self/fd/"; // a descriptor may be one of O_PATH
  char digits[12];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + directory % 10);
  while ((directory /= 10) > 0);
  for (auto* at = link + std::strlen(link); count > 0;) *at++ = digits[--count];
  return ::open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/// `next`: the interpreter, where `obstacle::none` is said of a script.
obstacle examine_file(int fd, char (&next)[256]) {
  struct stat found;
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return obstacle::left_to_exec;
  char head[256];
  auto got = ::pread(fd, head, sizeof head, 0);
  if (got < 4) return obstacle::left_to_exec;
  if (std::memcmp(head, "\177ELF", 4) == 0) return examine_elf(fd);
  if (head[0] != '#' || head[1] != '!')
    return is_binary(head, std::size_t(got)) ? obstacle::unknown_kind : obstacle::left_to_exec;
  return read_interpreter(head, std::size_t(got), next) ? obstacle::none : obstacle::left_to_exec;
}

} // namespace

finding examine(int directory, const char* path, int flags) {
  finding found;
  char next[256];
  for (int depth = 0; depth < deepest_script; ++depth) {
    auto fd = depth == 0 ? open_program(directory, path, flags) : open_program(AT_FDCWD, next, 0);
    if (fd < 0) {
      bool there = depth == 0 ? ::faccessat(directory, path, X_OK, AT_EACCESS | (flags & AT_EMPTY_PATH)) == 0
                              : ::access(next, X_OK) == 0;
      found.what = there ? obstacle::unreadable : obstacle::left_to_exec;
      return found;
    }
    if (depth > 0) std::memcpy(found.interpreter, next, sizeof next);
    next[0] = 0;
    found.what = examine_file(fd, next);
    ::close(fd);
    if (!next[0]) return found;
  }
  found.what = obstacle::left_to_exec; // ELOOP
  return found;
}

const char* words_of(obstacle what) {
  switch (what) {
  case obstacle::unreadable:
    return "can't be read, so nobody knows whether a library can be preloaded";
  case obstacle::unknown_kind:
    return "is neither a program of this machine nor a script, so nobody knows what runs it";
  case obstacle::other_machine:
    return "is no program of this machine and its word size, so the library can't be preloaded";
  case obstacle::no_loader:
    return "is linked statically, so the library can't be preloaded";
  case obstacle::other_loader:
    return "is of another C library (such as musl), so the library can't be preloaded";
  case obstacle::own_calls:
    return "is a Go program, whose network code does not ask the C library";
  case obstacle::sanitizer:
    return "has a sanitizer's run-time, which suffers no library before it";
  case obstacle::set_id:
    return "has rights of its own (set-user-ID), so the system ignores preloaded libraries";
  case obstacle::capabilities:
    return "has rights of its own (capabilities), so the system ignores preloaded libraries";
  case obstacle::mixed_ids:
    return "would begin with a real user or group other than the effective one, so the system ignores "
           "preloaded libraries";
  case obstacle::none:
  case obstacle::left_to_exec:
    break;
  }
  return "";
}

} // namespace hublink::loader
