#include "progress.hpp"
#include "flows.hpp"
#include "real.hpp"
#include "socks_client.hpp"

#include <linux/tcp.h>
#include <unistd.h>

namespace hublink::wrap {

namespace {

/// With so much unsent a socket is not writable; less than the gateway's padding leaves unsent.
constexpr int low_water = 1024;
constexpr int no_low_water = 0x7fffffff;  // else it would hold up the padding itself
constexpr unsigned char closed_state = 7; // TCP_CLOSE of the kernel's net/tcp_states.h
constexpr linger reset_at_close{1, 0};

template <class Option>
Option option(int fd, int level, int name) {
  Option value{};
  socklen_t size = sizeof value;
  real().getsockopt(fd, level, name, &value, &size);
  return value;
}

template <class Option>
void set(int fd, int level, int name, const Option& value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

tcp_info look(int fd) { return option<tcp_info>(fd, IPPROTO_TCP, TCP_INFO); }

unsigned long long sent(const tcp_info& now) { return now.tcpi_bytes_sent - now.tcpi_bytes_retrans; }

bool same(const linger& first, const linger& second) {
  return first.l_onoff == second.l_onoff && first.l_linger == second.l_linger;
}

// Whoever else has the socket may have closed it while it waited.
void restore(int fd, const awaited& answer) {
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, answer.low_water);
  if (same(option<linger>(fd, SOL_SOCKET, SO_LINGER), reset_at_close))
    set(fd, SOL_SOCKET, SO_LINGER, answer.at_close);
}

} // namespace

int begin_connection(int fd, const plain_address& to, const plain_address& via) {
  auto low_water_before = option<int>(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT);
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, no_low_water);
  if (auto error = socks_connect(fd, to, true)) {
    set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, low_water_before);
    return error;
  }
  auto now = look(fd);
  awaited answer{sent(now) + now.tcpi_notsent_bytes, low_water_before,
                 option<linger>(fd, SOL_SOCKET, SO_LINGER), ::getpid()};
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, low_water);
  remember_peer(fd, to, via, answer);
  return 0;
}

progress progress_of(int fd) {
  awaited answer;
  if (!awaits_answer(fd, answer)) return progress::none;
  if (is_refused(fd)) return progress::refused;
  auto now = look(fd);
  bool over = now.tcpi_state == closed_state;
  if (!over && sent(now) + low_water <= answer.sent) return progress::waiting;
  abandon(fd);
  return over ? progress::none : progress::connected;
}

int reason_of(int fd) {
  abandon(fd);
  auto error = take_refusal(fd);
  forget(fd);
  return error;
}

void abandon(int fd) {
  awaited answer;
  if (!awaits_answer(fd, answer)) return;
  restore(fd, answer);
  awaits_no_more(fd);
}

// A child that closes what it inherited says nothing of its parent's socket; after vfork it even shares what
// is remembered.
bool close_waiting(int fd) {
  awaited answer;
  if (!awaits_answer(fd, answer)) return false;
  if (answer.owner != ::getpid()) return true;
  if (progress_of(fd) != progress::waiting) return false;
  set(fd, SOL_SOCKET, SO_LINGER, reset_at_close);
  leave_to_others(fd);
  return true;
}

} // namespace hublink::wrap
