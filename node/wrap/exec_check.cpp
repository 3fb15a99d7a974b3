#include "exec_check.hpp"
#include "child_environment.hpp"
#include "node/loader/namespaces_allowed.hpp"
#include "node/loader/program_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace hublink::wrap {

namespace {

/// Under another root directory, for another user, or in another mount namespace it may not be. (`access`
/// goes by the rights of the user alone, as `exec` leaves them.)
bool library_is_there() { return ::access(own_path(), R_OK) == 0; }

/// What the user knows it by.
const char* name_of(const loader::finding& found, const char* path) {
  if (found.interpreter[0]) return found.interpreter;
  return *path ? path : "a program without a name";
}

} // namespace

bool direct_is_allowed() { return told("ALLOW_DIRECT") != nullptr; }

void say_refused(const char* subject, const char* reason) {
  char line[1024];
  auto* way_out = loader::namespaces_allowed() ? "take it by hublink wrap --strict"
                                               : "let it use SOCKS, or let it go by --allow-direct";
  auto size = std::snprintf(line, sizeof line,
                            "hublink wrap: %.400s %s; refused, for it would go out without the gateway: %s\n",
                            subject, reason, way_out);
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line, static_cast<std::size_t>(size));
}

bool may_begin(int directory, const char* path, int flags) {
  if (!path || direct_is_allowed()) return true;
  auto found = loader::examine(directory, path, flags);
  if (found.what == loader::obstacle::left_to_exec) return true;
  if (found.what != loader::obstacle::none) {
    say_refused(name_of(found, path), loader::words_of(found.what));
  } else if (!library_is_there()) {
    say_refused(name_of(found, path), "would begin where libhublink_wrap.so can't be read");
  } else {
    return true;
  }
  errno = EACCES;
  return false;
}

} // namespace hublink::wrap
