#include "names.hpp"
#include "fork_lock.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <strings.h>

namespace hublink::wrap {

namespace {

constexpr std::uint32_t first_stand_in = 198u << 24 | 18u << 16 | 1; // 198.18.0.1
constexpr std::uint32_t most_names = 16'384;
constexpr std::size_t longest_name = 255; ///< RFC 1928, section 5
char names[most_names][longest_name + 1];
std::atomic<std::uint32_t> used_names; ///< those before stay as they are

/// Without the dot that says that a name is whole.
std::size_t length_of(const char* name) {
  auto length = std::strlen(name);
  return length > 1 && name[length - 1] == '.' ? length - 1 : length;
}

/// `*.plant.example` fits every name that ends so, `*` every name with a dot in it, and others only
/// themselves.
bool fits(const char* pattern, std::size_t size, const char* name) {
  auto length = length_of(name);
  if (size == 1 && pattern[0] == '*') return std::memchr(name, '.', length) != nullptr;
  if (size < 2 || pattern[0] != '*') return size == length && strncasecmp(pattern, name, size) == 0;
  auto tail = size - 1;
  return length > tail && strncasecmp(pattern + 1, name + length - tail, tail) == 0;
}

bool is_address(const char* name) {
  unsigned char octets[16];
  in_addr old_style; // such as 127.1
  return inet_pton(AF_INET6, name, octets) == 1 || inet_aton(name, &old_style) != 0;
}

} // namespace

bool is_far_name(const char* name) {
  const auto& now = current();
  if (!now.names || !name || !*name || is_address(name)) return false;
  for (auto* pattern = now.names; *pattern;) {
    auto size = std::strcspn(pattern, " ");
    if (fits(pattern, size, name)) return true;
    pattern += size + (pattern[size] == ' ');
  }
  return false;
}

bool stand_in_for(const char* name, char (&address)[INET_ADDRSTRLEN]) {
  auto length = length_of(name);
  if (length > longest_name) return false;
  auto is_at = [&](std::uint32_t at) {
    return std::strlen(names[at]) == length && strncasecmp(names[at], name, length) == 0;
  };
  guard held;
  std::uint32_t at = 0;
  while (at < used_names && !is_at(at)) ++at;
  if (at == most_names) return false;
  if (at == used_names) {
    std::memcpy(names[at], name, length); // a zero is behind it
    used_names = at + 1;
  }
  in_addr chosen{htonl(first_stand_in + at)};
  return inet_ntop(AF_INET, &chosen, address, sizeof address) != nullptr;
}

const char* name_behind(const plain_address& address) {
  if (address.v6) return nullptr;
  std::uint32_t value;
  std::memcpy(&value, address.octets, sizeof value);
  auto at = ntohl(value) - first_stand_in; // before the first: too great
  return at < used_names ? names[at] : nullptr;
}

} // namespace hublink::wrap
