#include "socks_words.hpp"
#include "names.hpp"

#include <cerrno>
#include <cstring>

namespace hublink::wrap {

namespace {

/// Type and address. Returns their size.
std::size_t put_address(unsigned char* into, const plain_address& to) {
  if (auto* name = name_behind(to)) {
    auto length = std::strlen(name);
    into[0] = 3;
    into[1] = static_cast<unsigned char>(length);
    std::memcpy(into + 2, name, length); // NOLINT(bugprone-not-null-terminated-result): its length is said
    return 2 + length;
  }
  std::size_t width = to.v6 ? 16 : 4;
  into[0] = to.v6 ? 4 : 1;
  std::memcpy(into + 1, to.octets, width);
  return 1 + width;
}

} // namespace

login_words login() {
  auto* user = current().user;
  if (!user) return {"", "", 0, 0};
  auto* colon = std::strchr(user, ':'); // settings_text has seen to it
  return {user, colon + 1, static_cast<std::size_t>(colon - user), std::strlen(colon + 1)};
}

std::size_t put_request(unsigned char* into, command what, unsigned char reserved, const plain_address& to) {
  into[0] = 5;
  into[1] = static_cast<unsigned char>(what);
  into[2] = reserved;
  auto size = 3 + put_address(into + 3, to);
  into[size++] = static_cast<unsigned char>(to.port >> 8);
  into[size++] = static_cast<unsigned char>(to.port);
  return size;
}

int error_of(unsigned char reply) {
  switch (reply) {
  case 0:
    return 0;
  case 2:
    return EACCES;
  case 3:
    return ENETUNREACH;
  case 5:
    return ECONNREFUSED;
  case 6:
    return ETIMEDOUT;
  default:
    return EHOSTUNREACH;
  }
}

} // namespace hublink::wrap
