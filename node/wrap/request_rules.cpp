#include "request_rules.hpp"
#include "socket_options.hpp"

#include <cstring>

namespace hublink::wrap {

namespace {

enum flag : unsigned char { keeps_alive = 1, replies_extend = 2 };

void put(unsigned char* at, unsigned value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) at[i] = static_cast<unsigned char>(value);
}

unsigned up_to(unsigned most, unsigned value) { return value < most ? value : most; }

/// The head; its sixteen bytes are zero, and port 0 is behind them.
unsigned char* begin(unsigned char* into) {
  std::memset(into, 0, longest_rules);
  into[0] = 5;
  into[1] = 0x84;
  into[3] = 4;
  return into + 4;
}

} // namespace

std::size_t put_stream_rules(unsigned char* into, int fd, unsigned user_timeout_ms) {
  auto* rules = begin(into);
  if (option<int>(fd, SOL_SOCKET, SO_KEEPALIVE)) {
    rules[0] = keeps_alive;
    put(rules + 2, up_to(0xffff, option<unsigned>(fd, IPPROTO_TCP, TCP_KEEPIDLE)), 2);
    put(rules + 4, up_to(0xffff, option<unsigned>(fd, IPPROTO_TCP, TCP_KEEPINTVL)), 2);
    put(rules + 6, up_to(0xff, option<unsigned>(fd, IPPROTO_TCP, TCP_KEEPCNT)), 1);
  }
  put(rules + 8, user_timeout_ms, 4);
  return longest_rules;
}

std::size_t put_datagram_rules(unsigned char* into) {
  const auto& now = current();
  if (now.replies_from == 0 && !now.replies_extend && now.reply_timeout_s <= 255) return 0;
  auto* rules = begin(into);
  rules[0] = now.replies_extend ? replies_extend : 0;
  rules[1] = now.replies_from;
  put(rules + 12, now.reply_timeout_s, 2);
  return longest_rules;
}

} // namespace hublink::wrap
