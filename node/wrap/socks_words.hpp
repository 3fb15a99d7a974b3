#pragma once
/// The words of SOCKS5 (RFC 1928, RFC 1929) that the library says to a gateway. Without I/O.
#include "settings.hpp"

#include <cstddef>

namespace hublink::wrap {

enum class command : unsigned char { deferred = 0x81, datagrams = 0x83 };

/// Who the application is to the gateway; sizes of 0: nobody in particular.
struct login_words {
  const char *user, *password;
  std::size_t user_size, password_size;
};
login_words login();

/// `into` has room for `longest_request`. Returns its size.
constexpr std::size_t longest_request = 4 + 1 + 255 + 2;
std::size_t put_request(unsigned char* into, command what, unsigned char reserved, const plain_address& to);

/// What `connect` says of that reply; 0 if it is none of a refusal.
int error_of(unsigned char reply);

} // namespace hublink::wrap
