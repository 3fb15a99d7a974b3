#include "node/enclosure/occupants.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace hublink {

bool has_occupants(int network) {
  struct stat own {};
  if (::fstat(network, &own) != 0) return false;
  const auto self = std::to_string(::getpid());
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const auto name = entry.path().filename().string();
    if (name == self || !std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
    struct stat theirs {};
    const auto place = "/proc/" + name + "/ns/net";
    if (::stat(place.c_str(), &theirs) == 0 && theirs.st_ino == own.st_ino && theirs.st_dev == own.st_dev)
      return true;
  }
  return false;
}

} // namespace hublink
