#include "names.hpp"

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>

namespace hublink::wrap {

namespace {

settings the_settings;
pthread_once_t once = PTHREAD_ONCE_INIT;

bool read_gateway(const char* text) {
  auto* colon = text ? std::strrchr(text, ':') : nullptr;
  if (!colon || colon - text >= 64) return false;
  char host[64] = {};
  bool v6 = text[0] == '[';
  std::memcpy(host, text + v6, std::size_t(colon - text) - 2 * v6);
  auto port = htons(std::uint16_t(std::atoi(colon + 1)));
  auto& into = the_settings;
  if (v6) {
    auto* address = reinterpret_cast<sockaddr_in6*>(&into.gateway);
    address->sin6_family = AF_INET6;
    address->sin6_port = port;
    into.gateway_size = sizeof *address;
    return inet_pton(AF_INET6, host, &address->sin6_addr) == 1;
  }
  auto* address = reinterpret_cast<sockaddr_in*>(&into.gateway);
  address->sin_family = AF_INET;
  address->sin_port = port;
  into.gateway_size = sizeof *address;
  return inet_pton(AF_INET, host, &address->sin_addr) == 1;
}

void read_rules(const char* text) {
  constexpr int most = sizeof the_settings.rules / sizeof the_settings.rules[0];
  while (text && *text && the_settings.rule_count < most) {
    auto& rule = the_settings.rules[the_settings.rule_count];
    int family = 0, prefix = 0;
    unsigned first = 0, last = 0;
    char hex[33] = {};
    if (std::sscanf(text, "%d %32s %d %u %u", &family, hex, &prefix, &first, &last) != 5) return;
    rule.v6 = family == 6 || family == -6;
    rule.direct = family < 0;
    for (int i = 0; i < (rule.v6 ? 16 : 4); ++i) {
      unsigned octet = 0;
      if (std::sscanf(hex + 2 * i, "%2x", &octet) != 1) return;
      rule.base[i] = static_cast<unsigned char>(octet);
    }
    rule.prefix = prefix;
    rule.first = static_cast<std::uint16_t>(first);
    rule.last = static_cast<std::uint16_t>(last);
    ++the_settings.rule_count;
    text = std::strchr(text, ';');
    if (text) ++text;
  }
}

void read_environment() {
  auto* reply = std::getenv("HUBLINK_WRAP_REPLY_S");
  the_settings.reply_timeout_s = reply ? static_cast<unsigned char>(std::atoi(reply)) : 5;
  the_settings.user = std::getenv("HUBLINK_WRAP_USER");
  the_settings.names = std::getenv("HUBLINK_WRAP_NAMES");
  the_settings.on = read_gateway(std::getenv("HUBLINK_WRAP_GATEWAY"));
  read_rules(std::getenv("HUBLINK_WRAP_RULES"));
}

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
  plain_address wanted, gateway;
  if (!now.on || !plain(to, size, wanted)) return false;
  bool known = plain(reinterpret_cast<const sockaddr*>(&now.gateway), now.gateway_size, gateway);
  if (known && wanted == gateway) return false;
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
