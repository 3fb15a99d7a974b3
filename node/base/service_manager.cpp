#include "node/base/service_manager.hpp"

#include "node/base/unique_fd.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hublink::service_manager {

namespace {

/// A manager that does not listen any more is no reason for a node to end.
void tell_manager(std::string_view words) {
  auto* path = std::getenv("NOTIFY_SOCKET");
  if (!path || (*path != '/' && *path != '@')) return;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  auto length = std::strlen(path);
  if (length >= sizeof where.sun_path) return;
  std::memcpy(where.sun_path, path, length);
  if (*path == '@') where.sun_path[0] = '\0'; // of Linux's own names
  unique_fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return;
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  ::sendto(socket.get(), words.data(), words.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&where),
           size);
}

} // namespace

void tell_ready() { tell_manager("READY=1"); }
void tell_stopping() { tell_manager("STOPPING=1"); }
void tell_alive() { tell_manager("WATCHDOG=1"); }

bool keeps_output() {
  return std::getenv("JOURNAL_STREAM") != nullptr || std::getenv("NOTIFY_SOCKET") != nullptr;
}

std::optional<std::chrono::milliseconds> wants_alive_within() {
  auto* who = std::getenv("WATCHDOG_PID");
  if (who && std::strtol(who, nullptr, 10) != ::getpid()) return {};
  auto* text = std::getenv("WATCHDOG_USEC");
  auto microseconds = text ? std::strtoll(text, nullptr, 10) : 0;
  if (microseconds < 1000) return {};
  return std::chrono::milliseconds{microseconds / 1000};
}

} // namespace hublink::service_manager
