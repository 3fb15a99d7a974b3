#include "names.hpp"
#include "settings_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace hublink::wrap {

namespace {

constexpr int bad_configuration = 2; ///< exit code, as of `hublink wrap`

settings the_settings;
pthread_once_t once = PTHREAD_ONCE_INIT;

constexpr std::size_t longest_user = 2 * 255 + 3; ///< with a colon and a line's end

/// Of a file: so no child's environment has the password. Without the end of its line; empty if it can't be
/// read.
void read_user(const char* path, char (&into)[longest_user + 1]) {
  std::size_t size = 0;
  auto file = ::open(path, O_RDONLY | O_CLOEXEC);
  while (file >= 0 && size < longest_user) {
    auto part = ::read(file, into + size, longest_user - size);
    if (part <= 0) break;
    size += static_cast<std::size_t>(part);
  }
  if (file >= 0) ::close(file);
  if (size > 0 && into[size - 1] == '\n') --size;
  if (size > 0 && into[size - 1] == '\r') --size;
  into[size] = 0;
}

void read_environment() {
  char user[longest_user + 1];
  auto* user_file = std::getenv("HUBLINK_WRAP_USER_FILE");
  if (user_file) read_user(user_file, user);
  const variables found{std::getenv("HUBLINK_WRAP_GATEWAY"), std::getenv("HUBLINK_WRAP_RULES"),
                        user_file ? user : nullptr, std::getenv("HUBLINK_WRAP_NAMES"),
                        std::getenv("HUBLINK_WRAP_REPLY_S")};
  auto* wrong = read_settings(found, the_settings);
  if (!wrong) return;
  char line[160];
  auto size = std::snprintf(line, sizeof line,
                            "libhublink_wrap.so: %s can't be read, so the program would go out without the "
                            "gateway; start it by hublink wrap\n",
                            wrong);
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line, static_cast<std::size_t>(size));
  ::_exit(bad_configuration);
}

[[gnu::constructor]] void read_at_the_beginning() { current(); }

bool in_network(const rule& network, const unsigned char* octets) {
  int whole = network.prefix / 8, rest = network.prefix % 8;
  if (std::memcmp(network.base, octets, std::size_t(whole)) != 0) return false;
  return rest == 0 || ((network.base[whole] ^ octets[whole]) >> (8 - rest)) == 0;
}

} // namespace

const settings& current() {
  pthread_once(&once, read_environment);
  return the_settings;
}

bool plain(const sockaddr* address, socklen_t size, plain_address& to) {
  if (!address || size < sizeof(sa_family_t)) return false;
  std::memset(&to, 0, sizeof to);
  if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    std::memcpy(to.octets, &v4->sin_addr, 4);
    to.port = ntohs(v4->sin_port);
    return true;
  }
  if (address->sa_family != AF_INET6 || size < sizeof(sockaddr_in6)) return false;
  auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  to.port = ntohs(v6->sin6_port);
  to.v6 = !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
  if (to.v6)
    std::memcpy(to.octets, &v6->sin6_addr, 16);
  else
    std::memcpy(to.octets, v6->sin6_addr.s6_addr + 12, 4);
  return true;
}

bool takes(const sockaddr* to, socklen_t size) {
  const auto& now = current();
  plain_address wanted;
  if (!plain(to, size, wanted) || wanted == now.gateway) return false;
  if (name_behind(wanted)) return true;
  for (int i = 0; i < now.rule_count; ++i) {
    const auto& rule = now.rules[i];
    if (rule.v6 == wanted.v6 && wanted.port >= rule.first && wanted.port <= rule.last &&
        in_network(rule, wanted.octets))
      return !rule.direct;
  }
  return false;
}

} // namespace hublink::wrap
