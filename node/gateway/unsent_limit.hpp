#pragma once
/// How much of what was written may wait in the kernel: it waits in front of what is urgent, too.
#include <cstddef>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace hublink {

class unsent_limit {
 public:
  /// Small changes are not worth a system call.
  void set(int fd, std::size_t wanted) {
    if (wanted > now_ / 4 * 3 && wanted < now_ / 4 * 5) return;
    now_ = wanted;
    int unsent = static_cast<int>(wanted);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  }

 private:
  std::size_t now_ = 0; ///< bytes
};

} // namespace hublink
