#include "node/loader/namespaces_allowed.hpp"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hublink::loader {

namespace {

/// `otherwise`: there is no such setting.
long setting(const char* path, long otherwise) {
  auto fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return otherwise;
  char text[24] = {};
  auto got = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  return got > 0 ? std::strtol(text, nullptr, 10) : otherwise;
}

bool has(const __user_cap_data_struct (&held)[2], unsigned capability) {
  return (held[capability / 32].effective >> (capability % 32)) & 1;
}

} // namespace

bool is_network_administrator() {
  __user_cap_header_struct own{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct held[2] = {};
  return ::syscall(SYS_capget, &own, held) == 0 && has(held, CAP_SYS_ADMIN) && has(held, CAP_NET_ADMIN);
}

bool namespaces_allowed() {
  if (is_network_administrator()) return true;
  return setting("/proc/sys/user/max_user_namespaces", 0) > 0 &&
         setting("/proc/sys/user/max_net_namespaces", 0) > 0 &&
         setting("/proc/sys/kernel/unprivileged_userns_clone", 1) != 0 &&           // Debian
         setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) == 0; // Ubuntu
}

} // namespace hublink::loader
