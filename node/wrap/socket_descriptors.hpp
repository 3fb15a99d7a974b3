#pragma once
/// The descriptors of this process that a socket has, as the kernel lists them.
#include "socket_options.hpp"

#include <cstdlib>
#include <cstring>
#include <dirent.h>

namespace hublink::wrap {

/// Calls `visit` with each of them, until it says false. `number`: the kernel's of the socket.
/// False: the list can't be had.
template <class Visit>
bool visit_descriptors(socket_number number, Visit visit) {
  auto* folder = ::opendir("/proc/self/fd");
  if (!folder) return false;
  while (auto* entry = ::readdir(folder)) {
    auto fd = std::atoi(entry->d_name);
    if (fd == 0 && std::strcmp(entry->d_name, "0") != 0) continue; // . and ..
    if (number_of(fd) == number && !visit(fd)) break;
  }
  ::closedir(folder);
  return true;
}

} // namespace hublink::wrap
