#include "settings_text.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>

namespace hublink::wrap {

namespace {

constexpr std::size_t longest_word = 255; ///< of user, password and name: RFC 1928 and 1929

/// Goes through a text. What is not there as wanted leaves it where it is.
struct cursor {
  const char* at;

  bool sign(char wanted) {
    if (*at != wanted) return false;
    ++at;
    return true;
  }
  /// Decimal digits, at least one.
  bool number(unsigned least, unsigned most, unsigned& into) {
    unsigned long value = 0;
    auto* digit = at;
    for (; *digit >= '0' && *digit <= '9'; ++digit) {
      value = value * 10 + static_cast<unsigned>(*digit - '0');
      if (value > most) return false;
    }
    if (digit == at || value < least) return false;
    at = digit;
    into = static_cast<unsigned>(value);
    return true;
  }
  bool word(const char* wanted) {
    auto size = std::strlen(wanted);
    if (std::strncmp(at, wanted, size) != 0) return false;
    at += size;
    return true;
  }
  bool octet(unsigned char& into) {
    int value = 0;
    for (int i = 0; i < 2; ++i) {
      auto letter = at[i];
      bool digit = letter >= '0' && letter <= '9';
      if (!digit && (letter < 'a' || letter > 'f')) return false;
      value = value * 16 + (digit ? letter - '0' : letter - 'a' + 10);
    }
    at += 2;
    into = static_cast<unsigned char>(value);
    return true;
  }
};

bool read_gateway(const char* text, settings& into) {
  auto* colon = text ? std::strrchr(text, ':') : nullptr;
  if (!colon) return false;
  bool v6 = text[0] == '[' && colon[-1] == ']';
  auto* begin = text + v6;
  auto size = static_cast<std::size_t>(colon - begin) - v6;
  char host[INET6_ADDRSTRLEN] = {};
  cursor rest{colon + 1};
  unsigned port = 0;
  if (size >= sizeof host || !rest.number(1, 65535, port) || *rest.at) return false;
  std::memcpy(host, begin, size);
  std::memset(&into.gateway, 0, sizeof into.gateway);
  into.gateway.v6 = v6;
  into.gateway.port = static_cast<std::uint16_t>(port);
  return inet_pton(v6 ? AF_INET6 : AF_INET, host, into.gateway.octets) == 1;
}

bool read_rule(cursor& from, rule& into) {
  unsigned family = 0, prefix = 0, first = 0, last = 0;
  into.direct = from.sign('-');
  if (!from.number(4, 6, family) || family == 5 || !from.sign(' ')) return false;
  into.v6 = family == 6;
  for (int i = 0; i < (into.v6 ? 16 : 4); ++i)
    if (!from.octet(into.base[i])) return false;
  bool whole = from.sign(' ') && from.number(0, into.v6 ? 128 : 32, prefix) && from.sign(' ') &&
               from.number(1, 65535, first) && from.sign(' ') && from.number(first, 65535, last) &&
               from.sign(';');
  into.prefix = static_cast<int>(prefix);
  into.first = static_cast<std::uint16_t>(first);
  into.last = static_cast<std::uint16_t>(last);
  return whole;
}

bool read_rules(const char* text, settings& into) {
  if (!text || !*text) return false;
  std::size_t count = 0;
  for (auto* end = text; (end = std::strchr(end, ';')) != nullptr; ++end) ++count;
  into.rules = static_cast<rule*>(std::calloc(count + 1, sizeof(rule)));
  into.rule_count = 0;
  if (!into.rules) return false;
  cursor rest{text};
  while (*rest.at)
    if (std::size_t(into.rule_count) == count || !read_rule(rest, into.rules[into.rule_count++]))
      return false;
  return true;
}

bool read_user(const char* text, settings& into) {
  into.user = nullptr;
  if (!text) return true;
  auto* colon = std::strchr(text, ':');
  if (!colon || colon == text || !colon[1]) return false;
  if (std::size_t(colon - text) > longest_word || std::strlen(colon + 1) > longest_word) return false;
  into.user = ::strdup(text);
  return into.user != nullptr;
}

bool read_names(const char* text, settings& into) {
  into.names = nullptr;
  if (!text) return true;
  std::size_t length = 0;
  for (auto* at = text;; ++at) {
    bool ends = *at == ' ' || !*at;
    if (ends ? length == 0 : ++length > longest_word) return false;
    if (!*at) break;
    if (ends) length = 0;
  }
  into.names = ::strdup(text);
  return into.names != nullptr;
}

bool read_replies(const char* text, settings& into) {
  cursor rest{text ? text : ""};
  unsigned seconds = 0;
  if (!rest.number(0, 3600, seconds)) return false;
  into.reply_timeout_s = static_cast<std::uint16_t>(seconds);
  into.replies_from = rest.word(" host") ? 1 : rest.word(" any") ? 2 : 0;
  into.replies_extend = rest.word(" extend");
  return !*rest.at;
}

} // namespace

const char* read_settings(const variables& from, settings& into) {
  if (!read_gateway(from.gateway, into)) return "HUBLINK_WRAP_GATEWAY";
  if (!read_rules(from.rules, into)) return "HUBLINK_WRAP_RULES";
  if (!read_user(from.user, into)) return "HUBLINK_WRAP_USER_FILE";
  if (!read_names(from.names, into)) return "HUBLINK_WRAP_NAMES";
  if (!read_replies(from.reply_s, into)) return "HUBLINK_WRAP_REPLY_S";
  return nullptr;
}

} // namespace hublink::wrap
