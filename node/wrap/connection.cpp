#include "connection.hpp"
#include "addresses.hpp"
#include "dialling.hpp"
#include "fork_lock.hpp"
#include "opening.hpp"
#include "own_port.hpp"
#include "socket_options.hpp"
#include "socks_words.hpp"
#include "speaker.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hublink::wrap {

namespace {

#ifndef SO_BUF_LOCK
constexpr int SO_BUF_LOCK = 72; // Linux 5.14
#endif

/// With so much unsent a socket is not writable; less than the gateway's padding leaves unsent. Odd, so that
/// it is known again.
constexpr int low_water = 1021;
constexpr int no_low_water = 0x7fffffff; // else it would hold up the opening itself
constexpr linger reset_at_close{1, 0};
/// Longer than a gateway takes to dial its link and a destination. Odd, so that it is known again.
constexpr unsigned patience_ms = 30'003;
constexpr int reset_patience_ms = 100;

unsigned long long sent(const tcp_info& now) { return now.tcpi_bytes_sent - now.tcpi_bytes_retrans; }

bool same(const linger& first, const linger& second) {
  return first.l_onoff == second.l_onoff && first.l_linger == second.l_linger;
}

sockaddr_storage gateway_for(int fd, socklen_t& size) {
  sockaddr_storage where;
  size = as_socket(fd, current().gateway, where);
  return where;
}

/// The socket can be used again. What the kernel has to say of this is not its error.
void dissolve(int fd) {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  real().connect(fd, &nowhere, sizeof nowhere);
  option<int>(fd, SOL_SOCKET, SO_ERROR);
}

/// Behind the reset, the kernel keeps the urgent byte.
bool has_reason(int fd) {
  int at_mark = 0;
  return ::ioctl(fd, SIOCATMARK, &at_mark) == 0 && at_mark;
}

int read_reason(int fd) {
  auto before = option<int>(fd, SOL_SOCKET, SO_OOBINLINE);
  set_option(fd, SOL_SOCKET, SO_OOBINLINE, 1);
  unsigned char reply = 0;
  bool read = real().recvfrom(fd, &reply, 1, MSG_DONTWAIT, nullptr, nullptr) == 1;
  set_option(fd, SOL_SOCKET, SO_OOBINLINE, before);
  return read ? error_of(reply) : ENETUNREACH;
}

/// It follows the urgent byte at once. To who is woken between the two it would be another error later.
void await_reset(int fd) {
  if (look(fd).tcpi_state == state_closed) return;
  pollfd ended{fd, 0, 0};
  real().poll(&ended, 1, reset_patience_ms);
}

/// While it lives: a send buffer that takes the opening, whatever the application has set.
class send_room {
 public:
  send_room(int fd, std::uint32_t size) : fd_(fd), before_(option<int>(fd, SOL_SOCKET, SO_SNDBUF)) {
    auto wanted = static_cast<int>(3 * size); // the kernel counts what lies around the bytes, too
    if (before_ >= wanted) return;
    locks_ = option<int>(fd, SOL_SOCKET, SO_BUF_LOCK);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, wanted);
    changed_ = true;
  }
  ~send_room() {
    if (!changed_) return;
    set_option(fd_, SOL_SOCKET, SO_SNDBUF, before_ / 2); // it doubles what it is told
    set_option(fd_, SOL_SOCKET, SO_BUF_LOCK, locks_);
  }
  send_room(const send_room&) = delete;
  send_room& operator=(const send_room&) = delete;

 private:
  int fd_, before_, locks_ = 0;
  bool changed_ = false;
};

/// All of the opening but the last `but` bytes. 0, or an error.
int say_opening(int fd, note& known, const tcp_info& now, std::uint32_t but) {
  opening words{fd, known, opening::padding};
  if (now.tcpi_snd_wnd > opening::listeners_window) { // its machine takes more unread
    words = {fd, known, opening::usual_padding};
    known.opening = words.size();
    write_note(fd, known);
  }
  send_room room{fd, words.size()};
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, no_low_water);
  auto error = words.say(fd, but);
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, low_water);
  return error;
}

bool may_speak(const note& known) {
  return known.owner == ::getpid() || (::kill(known.owner, 0) != 0 && errno == ESRCH);
}

bool is_unsaid(const tcp_info& now) {
  return now.tcpi_state != state_closed && now.tcpi_state != state_dialling && sent(now) == 0 &&
         now.tcpi_notsent_bytes == 0;
}

void say_if_unsaid(int fd, note& known) {
  {
    speaker turn{fd};
    if (!turn) return;
    auto now = look(fd);
    if (is_unsaid(now) && may_speak(known) && say_opening(fd, known, now, 0) != 0)
      ::shutdown(fd, SHUT_RDWR); // an end that it is told of
    if (now.tcpi_state == state_dialling) return;
  }
  guard held;
  follow_no_more(fd);
}

long now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// SO_SNDTIMEO is the deadline of a whole `connect`: its later part gets what is left.
class rest_of_deadline {
 public:
  rest_of_deadline(int fd, long begun_ms) : fd_(fd), before_(option<timeval>(fd, SOL_SOCKET, SO_SNDTIMEO)) {
    if (!is_set()) return;
    auto left = before_.tv_sec * 1'000'000 + before_.tv_usec - (now_ms() - begun_ms) * 1000;
    if (left < 1) left = 1; // 0 would be without end
    set_option(fd, SOL_SOCKET, SO_SNDTIMEO, timeval{left / 1'000'000, left % 1'000'000});
  }
  ~rest_of_deadline() {
    if (is_set()) set_option(fd_, SOL_SOCKET, SO_SNDTIMEO, before_);
  }
  rest_of_deadline(const rest_of_deadline&) = delete;
  rest_of_deadline& operator=(const rest_of_deadline&) = delete;

 private:
  bool is_set() const { return before_.tv_sec != 0 || before_.tv_usec != 0; }

  int fd_;
  timeval before_;
};

/// The last byte of the padding is sent as `send` does it: so the application's own deadline, signals and
/// SA_RESTART count. Where that ends before the answer, it goes on as on a non-blocking socket.
int wait_for_answer(int fd, note& known, long begun_ms) {
  int error = 0;
  {
    rest_of_deadline left{fd, begun_ms};
    error = opening::say_last(fd, 0);
  }
  if (error == EINTR || error == EAGAIN) {
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, no_low_water);
    opening::say_last(fd, MSG_DONTWAIT);
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, low_water);
    return error == EAGAIN ? EINPROGRESS : EINTR;
  }
  if (!error) {
    settle(fd, known);
    return 0;
  }
  auto reason = has_reason(fd) ? read_reason(fd) : error == EPIPE ? ECONNRESET : error;
  abandon(fd);
  dissolve(fd);
  return reason;
}

} // namespace

int dial_gateway(int fd) {
  socklen_t size = 0;
  auto where = gateway_for(fd, size);
  if (size == 0) return EAFNOSUPPORT;
  return real().connect(fd, reinterpret_cast<sockaddr*>(&where), size) == 0 ? 0 : errno;
}

int begin_connection(int fd, const plain_address& to) {
  note known{to,
             0,
             option<int>(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT),
             option<linger>(fd, SOL_SOCKET, SO_LINGER),
             option<unsigned>(fd, IPPROTO_TCP, TCP_USER_TIMEOUT),
             ::getpid()};
  known.opening = opening{fd, known, opening::padding}.size();
  if (!write_note(fd, known)) return ENOBUFS;
  if (known.user_timeout_ms == 0) set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, patience_ms);
  if (option<int>(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT))
    set_option(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0);
  auto begun = now_ms();
  bool waits = !is_non_blocking(fd);
  dialling_now now_dialling;
  auto error = dial_gateway(fd);
  if (error && error != EINPROGRESS && error != EINTR) {
    abandon(fd);
    if (error == EADDRNOTAVAIL && leave_own_port(fd)) return begin_connection(fd, to);
    return error == ECONNREFUSED ? ENETUNREACH : error;
  }
  auto now = look(fd);
  if (now.tcpi_state == state_closed) return error ? error : take_reason(fd); // else it stands in the socket
  if (now.tcpi_state == state_dialling) {
    guard held;
    return follow(fd) ? error : EAGAIN;
  }
  {
    speaker turn{fd};
    if (!turn || !is_unsaid(look(fd))) return waits ? go_on_with_connection(fd) : EINPROGRESS;
    if (say_opening(fd, known, now, waits && !error ? 1 : 0)) {
      abandon(fd);
      dissolve(fd);
      return ENETUNREACH;
    }
  }
  return waits && !error ? wait_for_answer(fd, known, begun) : error ? error : EINPROGRESS;
}

int go_on_with_connection(int fd) {
  if (is_non_blocking(fd)) return EALREADY;
  auto limit = option<timeval>(fd, SOL_SOCKET, SO_SNDTIMEO);
  auto limit_ms = limit.tv_sec * 1000 + limit.tv_usec / 1000;
  auto end = now_ms() + limit_ms;
  bool endless = limit.tv_sec == 0 && limit.tv_usec == 0;
  for (note known;;) {
    auto now = progress_of(fd, known);
    if (now == progress::none) return ECONNABORTED;
    if (now == progress::refused) return take_reason(fd);
    if (now == progress::connected) return dial_gateway(fd); // so says the kernel
    auto left = endless ? -1 : end - now_ms();
    if (!endless && left <= 0) return EALREADY;
    pollfd watched{fd, POLLOUT, 0};
    if (real().poll(&watched, 1, static_cast<int>(left)) < 0) return errno;
  }
}

progress progress_of(int fd, note& known) {
  if (!read_note(fd, known) || known.opening == 0) return progress::none;
  auto now = look(fd);
  if (is_unsaid(now)) {
    say_if_unsaid(fd, known);
    now = look(fd);
  }
  if (sent(now) + low_water > known.opening) return progress::connected;
  return now.tcpi_state == state_closed || has_reason(fd) ? progress::refused : progress::waiting;
}

bool push_connection(int fd) {
  note known;
  return progress_of(fd, known) == progress::waiting;
}

int reason_of(int fd) {
  auto told = has_reason(fd);
  auto error = told ? read_reason(fd) : 0;
  if (told) await_reset(fd);
  auto kernels = option<int>(fd, SOL_SOCKET, SO_ERROR);
  abandon(fd);
  if (told) return error;
  return kernels == ECONNREFUSED ? ENETUNREACH : kernels;
}

int take_reason(int fd) {
  auto error = reason_of(fd);
  dissolve(fd);
  return error ? error : ECONNABORTED;
}

ssize_t with_reason(int fd, ssize_t result) {
  if (result >= 0 || errno != ECONNRESET) return result;
  note known;
  bool refused = read_note(fd, known) && sent(look(fd)) + low_water <= known.opening;
  auto reason = refused && has_reason(fd) ? reason_of(fd) : ECONNRESET;
  errno = reason;
  return result;
}

bool is_changed_while_waiting(int level, int name) {
  return (level == IPPROTO_TCP && (name == TCP_NOTSENT_LOWAT || name == TCP_USER_TIMEOUT)) ||
         (level == SOL_SOCKET && name == SO_LINGER);
}

// Whoever else has the socket may have closed it while it waited.
void settle(int fd, const note& known) {
  if (option<int>(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT) == low_water)
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, known.low_water);
  if (option<unsigned>(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == patience_ms)
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, known.user_timeout_ms);
  if (same(option<linger>(fd, SOL_SOCKET, SO_LINGER), reset_at_close))
    set_option(fd, SOL_SOCKET, SO_LINGER, known.at_close);
}

void abandon(int fd) {
  note known;
  if (!read_note(fd, known)) return;
  settle(fd, known);
  erase_note(fd);
}

// Its options come last: a low-water mark that rises lets the `connect` of another thread succeed.
int take_back(int fd) {
  note known;
  const bool is_noted = read_note(fd, known);
  if (is_noted) erase_note(fd);
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  const auto result = real().connect(fd, &nowhere, sizeof nowhere); // whoever waits hears of it
  const auto error = errno;
  if (is_noted) settle(fd, known);
  errno = error;
  return result;
}

void show_own(int level, int name, const note& known, void* value, socklen_t size) {
  auto replace = [&](const auto& ours, const auto& own) {
    if (size == sizeof ours && std::memcmp(value, &ours, size) == 0) std::memcpy(value, &own, size);
  };
  if (level == SOL_SOCKET) return replace(reset_at_close, known.at_close);
  if (name == TCP_USER_TIMEOUT) return replace(patience_ms, known.user_timeout_ms);
  replace(low_water, known.low_water);
}

// A child that closes what it inherited says nothing of its parent's socket.
void close_connection(int fd) {
  note known;
  auto now = progress_of(fd, known);
  if (now == progress::connected) settle(fd, known);
  if (now == progress::waiting && known.owner == ::getpid() && !has_another_descriptor(fd))
    set_option(fd, SOL_SOCKET, SO_LINGER, reset_at_close);
}

} // namespace hublink::wrap
