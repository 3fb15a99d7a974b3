// The system's calls that send bytes, and say of a refused connection why it is refused.
#include "connection.hpp"
#include "real.hpp"

using namespace hublink::wrap;

extern "C" {

ssize_t send(int fd, const void* data, size_t size, int flags) {
  return with_reason(fd, real().send(fd, data, size, flags));
}

ssize_t write(int fd, const void* data, size_t size) { return with_reason(fd, real().write(fd, data, size)); }

ssize_t writev(int fd, const iovec* parts, int count) {
  return with_reason(fd, real().writev(fd, parts, count));
}

} // extern "C"
