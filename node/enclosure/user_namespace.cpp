#include "node/enclosure/user_namespace.hpp"
#include "node/loader/namespaces_allowed.hpp"
#include "node/socket/sockets.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

#include <string>

namespace hublink {

namespace {

bool write_to(const char* path, const std::string& text) {
  unique_fd file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string same(unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1\n"; }

failure not_allowed(const std::error_code& why) {
  return {errc::bad_config,
          {},
          "--strict can't make a user namespace here (" + why.message() +
              "): start it as root, or allow user namespaces (sysctl user.max_user_namespaces, "
              "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"};
}

} // namespace

outcome<unique_fd> user_namespace_if_needed() {
  if (loader::is_network_administrator()) return unique_fd{};
  const auto user = ::geteuid();
  const auto group = ::getegid();
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // else its own files in /proc are root's
  if (::unshare(CLONE_NEWUSER) != 0) return not_allowed(last_error());
  if (!write_to("/proc/self/setgroups", "deny") || !write_to("/proc/self/uid_map", same(user)) ||
      !write_to("/proc/self/gid_map", same(group)))
    return not_allowed(last_error());
  unique_fd made{::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC)};
  if (!made) return not_allowed(last_error());
  return made;
}

} // namespace hublink
