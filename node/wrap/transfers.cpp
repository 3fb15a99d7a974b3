// The system's calls that send on what a socket is connected to. They say of a refused connection why it is
// refused, and do without a port of datagrams that has ended.
#include "connection.hpp"
#include "datagrams.hpp"
#include "real.hpp"

using namespace hublink::wrap;

extern "C" {

ssize_t send(int fd, const void* data, size_t size, int flags) {
  renew_port(fd);
  return with_reason(fd, real().send(fd, data, size, flags));
}

ssize_t write(int fd, const void* data, size_t size) {
  renew_port(fd);
  return with_reason(fd, real().write(fd, data, size));
}

ssize_t writev(int fd, const iovec* parts, int count) {
  renew_port(fd);
  return with_reason(fd, real().writev(fd, parts, count));
}

} // extern "C"
