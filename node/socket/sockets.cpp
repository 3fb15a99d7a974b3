#include "node/socket/sockets.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace hublink {
namespace {

void set_option(tcp::socket& socket, int level, int name, int value) {
  ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
}

} // namespace

tcp::endpoint to_asio(const endpoint& where) {
  auto& octets = where.address.octets;
  if (where.address.v6) return {asio::ip::address_v6(octets), where.port};
  return {asio::ip::address_v4({octets[0], octets[1], octets[2], octets[3]}), where.port};
}

endpoint from_asio(const tcp::endpoint& where) {
  endpoint made;
  made.port = where.port();
  auto address = where.address();
  made.address.v6 = address.is_v6();
  if (address.is_v6())
    made.address.octets = address.to_v6().to_bytes();
  else
    std::ranges::copy(address.to_v4().to_bytes(), made.address.octets.begin());
  return made;
}

void tune(tcp::socket& socket, std::chrono::seconds patience) {
  std::error_code ignored; // a socket that is already broken shows it at its first use
  socket.native_non_blocking(true, ignored);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
             static_cast<int>(std::chrono::milliseconds(patience).count()));
}

void reset(tcp::socket& socket) {
  std::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::error_code pending_error(tcp::socket& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return last_error();
  return {error, std::generic_category()};
}

} // namespace hublink
