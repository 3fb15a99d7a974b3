#include "datagrams.hpp"
#include "addresses.hpp"
#include "flows.hpp"
#include "note.hpp"
#include "socket_options.hpp"

#include <cerrno>

namespace hublink::wrap {

int redirect(int fd, const sockaddr* to, socklen_t size, sockaddr_storage& instead, socklen_t& instead_size) {
  plain_address wanted, port;
  plain(to, size, wanted);
  if (auto error = port_towards(fd, wanted, port)) return error;
  instead_size = as_socket(fd, port, instead);
  return instead_size == 0 ? EAFNOSUPPORT : 0;
}

int connect_datagrams(int fd, const sockaddr* to, socklen_t size) {
  sockaddr_storage port;
  socklen_t port_size = 0;
  if (auto error = redirect(fd, to, size, port, port_size)) return error;
  if (real().connect(fd, reinterpret_cast<sockaddr*>(&port), port_size) != 0) return errno;
  note known{};
  plain(to, size, known.original);
  write_note(fd, known);
  remember_connected(fd, known.original);
  return 0;
}

void renew_port(int fd) {
  if (!has_lost_port(fd)) return;
  auto kept = errno;
  note known;
  sockaddr_storage to;
  if (protocol_of(fd) == IPPROTO_UDP && read_note(fd, known))
    if (auto size = as_socket(fd, known.original, to))
      connect_datagrams(fd, reinterpret_cast<sockaddr*>(&to), size);
  errno = kept;
}

} // namespace hublink::wrap
