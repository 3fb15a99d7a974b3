#include "node/gateway/application_socket.hpp"

#include <algorithm>
#include <cerrno>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

namespace hublink {

namespace {

constexpr int probes = 3;
/// So many in a row without an answer are no chance.
constexpr int least_retransmits = 3, least_window_probes = 2;

/// As the kernel has had it since 4.1; the C library's ends before that.
struct counted_tcp_info {
  tcp_info known;
  std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
};
static_assert(sizeof(counted_tcp_info) == 136);

void set(int fd, int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); }

int get(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(fd, IPPROTO_TCP, name, &value, &size);
  return value;
}

} // namespace

// The probes take half of the time that comes before them.
void tune_application(int fd, const stream_life& life) {
  auto idle = static_cast<int>(life.keep_alive.count());
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, idle / (2 * probes)));
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

// What only says SO_KEEPALIVE has the system's two hours: then the gateway's own time is the better one.
void keep_alive(int fd, const mux_keep_alive& how) {
  auto or_as_now = [&](int wanted, int name) { return wanted > 0 ? wanted : get(fd, name); };
  auto idle = or_as_now(how.idle_s, TCP_KEEPIDLE), interval = or_as_now(how.interval_s, TCP_KEEPINTVL);
  auto count = or_as_now(how.probes, TCP_KEEPCNT);
  auto now = get(fd, TCP_KEEPIDLE) + get(fd, TCP_KEEPINTVL) * get(fd, TCP_KEEPCNT);
  if (how.on && idle + interval * count < now) {
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
  }
  if (how.user_timeout_ms > 0) set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(how.user_timeout_ms));
}

bool is_at_urgent_byte(int fd) {
  int at = 0;
  return ::ioctl(fd, SIOCATMARK, &at) == 0 && at != 0;
}

connection_look look_at(int fd) {
  counted_tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  connection_look seen;
  seen.moved = info.bytes_acked + info.bytes_received;
  int unread = 0;
  if (::ioctl(fd, SIOCINQ, &unread) == 0) seen.unread = static_cast<std::size_t>(unread);
  if (info.known.tcpi_retransmits >= least_retransmits || info.known.tcpi_probes >= least_window_probes)
    seen.unanswered = std::chrono::milliseconds(info.known.tcpi_last_ack_recv);
  return seen;
}

mux_reason reason_of_break(int error) {
  switch (error) {
  case ETIMEDOUT:
    return mux_reason::timed_out;
  case EHOSTUNREACH:
  case ENETUNREACH:
  case EHOSTDOWN:
  case ENETDOWN:
    return mux_reason::unreachable;
  default:
    return mux_reason::failed;
  }
}

std::string reset_text(mux_reason why) {
  switch (why) {
  case mux_reason::timed_out:
    return "the application's machine gives no sign of life";
  case mux_reason::unreachable:
    return "the application's machine can't be reached any more";
  case mux_reason::closing:
    return "half-closed, and nothing moved any more";
  default:
    return "by the application";
  }
}

} // namespace hublink
