#include "socks_client.hpp"
#include "addresses.hpp"
#include "real.hpp"
#include "request_rules.hpp"
#include "socks_words.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hublink::wrap {

namespace {

/// Longer than a gateway takes to dial its link and a destination.
constexpr int patience_ms = 30'000;
constexpr unsigned char notice_mark = 1; ///< in the place of a reply's reserved byte

long now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Type, address and port. Returns what follows them; null if they are not all there.
const unsigned char* read_address(const unsigned char* at, const unsigned char* end, plain_address& into) {
  std::memset(&into, 0, sizeof into);
  if (at == nullptr || at == end) return nullptr;
  into.v6 = *at++ == 4;
  std::ptrdiff_t width = into.v6 ? 16 : 4;
  if (end - at < width + 2) return nullptr;
  std::memcpy(into.octets, at, std::size_t(width));
  at += width;
  into.port = static_cast<std::uint16_t>(at[0] << 8 | at[1]);
  return at + 2;
}

/// One talk with the gateway, until a deadline.
class talk {
 public:
  explicit talk(int fd) : fd_(fd), end_(now_ms() + patience_ms) {}

  int wait(short what) const {
    for (;;) {
      auto left = end_ - now_ms();
      if (left <= 0) return ETIMEDOUT;
      pollfd watched{fd_, what, 0};
      auto ready = ::poll(&watched, 1, int(left));
      if (ready > 0) return 0;
      if (ready < 0 && errno != EINTR) return errno;
    }
  }

  int dial() const {
    int family = AF_INET;
    socklen_t size = sizeof family;
    real().getsockopt(fd_, SOL_SOCKET, SO_DOMAIN, &family, &size);
    sockaddr_storage where;
    auto length = as_family(family, current().gateway, where);
    if (length == 0) return EAFNOSUPPORT;
    auto attempt = [&] {
      return real().connect(fd_, reinterpret_cast<sockaddr*>(&where), length) == 0 ? 0 : errno;
    };
    auto error = attempt();
    if (error == EINPROGRESS || error == EINTR) {
      if (auto late = wait(POLLOUT)) return late;
      error = attempt(); // says what became of it, and lets the kernel say EISCONN from then on
    }
    return error == ECONNREFUSED ? ENETUNREACH : error;
  }

  /// The application's own bytes are not joined to these (MSG_EOR): while they wait, it can't send.
  int send_all(const unsigned char* data, std::size_t size) const {
    while (size > 0) {
      auto sent = ::send(fd_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR);
      if (sent > 0) {
        data += sent;
        size -= std::size_t(sent);
      } else if (errno == EAGAIN) {
        if (auto late = wait(POLLOUT)) return late;
      } else if (errno != EINTR) {
        return ENETUNREACH;
      }
    }
    return 0;
  }

  int receive(unsigned char* data, std::size_t size) const {
    while (size > 0) {
      auto got = ::recv(fd_, data, size, MSG_DONTWAIT);
      if (got > 0) {
        data += got;
        size -= std::size_t(got);
      } else if (got < 0 && errno == EAGAIN) {
        if (auto late = wait(POLLIN)) return late;
      } else if (got == 0 || errno != EINTR) {
        return ENETUNREACH; // the gateway hung up
      }
    }
    return 0;
  }

  int log_in() const {
    auto who = login();
    bool named = who.user_size > 0;
    const unsigned char greeting[] = {5, 1, static_cast<unsigned char>(named ? 2 : 0)};
    unsigned char answer[2];
    if (auto error = send_all(greeting, sizeof greeting)) return error;
    if (auto error = receive(answer, 2)) return error;
    if (answer[0] != 5 || answer[1] != greeting[2]) return EACCES;
    if (!named) return 0;
    unsigned char words[3 + 255 + 255] = {1, static_cast<unsigned char>(who.user_size)};
    std::memcpy(words + 2, who.user, who.user_size);
    words[2 + who.user_size] = static_cast<unsigned char>(who.password_size);
    std::memcpy(words + 3 + who.user_size, who.password, who.password_size);
    if (auto error = send_all(words, 3 + who.user_size + who.password_size)) return error;
    if (auto error = receive(answer, 2)) return error;
    return answer[1] == 0 ? 0 : EACCES;
  }

  /// ECONNRESET: the gateway says nothing that can be understood any more.
  int ask_for_port(const plain_address& to, plain_address& bound, notice_handler noticed) const {
    unsigned char words[longest_rules + longest_request];
    auto rules = put_datagram_rules(words);
    auto seconds = static_cast<unsigned char>(rules == 0 ? current().reply_timeout_s : 0);
    auto size = rules + put_request(words + rules, command::datagrams, seconds, to);
    if (send_all(words, size)) return ECONNRESET;
    for (;;) {
      unsigned char head[3];
      reply_notice notice;
      if (receive(head, 3) || receive_address(bound)) return ECONNRESET;
      if (head[2] != notice_mark) return error_of(head[1]);
      notice.port = bound;
      if (receive_address(notice.stands_for)) return ECONNRESET;
      if (noticed) noticed(fd_, notice);
    }
  }

 private:
  /// Type, address and port.
  int receive_address(plain_address& into) const {
    unsigned char words[1 + 16 + 2];
    if (auto error = receive(words, 1)) return error;
    std::size_t width = words[0] == 4 ? 16 : 4;
    if (auto error = receive(words + 1, width + 2)) return error;
    return read_address(words, words + 1 + width + 2, into) ? 0 : EPROTO;
  }

  int fd_;
  long end_;
};

} // namespace

bool read_notice(int control, reply_notice& into) {
  unsigned char words[3 + 2 * (1 + 16 + 2)];
  auto size = ::recv(control, words, sizeof words, MSG_PEEK | MSG_DONTWAIT);
  if (size < 3 || words[2] != notice_mark) return false;
  auto* end = words + size;
  auto* next = read_address(read_address(words + 3, end, into.port), end, into.stands_for);
  if (!next) return false;
  return ::recv(control, words, std::size_t(next - words), MSG_DONTWAIT) == next - words;
}

int socks_datagrams(const plain_address& to, plain_address& port, int& control) {
  control = ::socket(current().gateway.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (control < 0) return errno;
  talk gateway{control};
  auto error = gateway.dial();
  if (!error) error = gateway.log_in();
  if (!error) error = gateway.ask_for_port(to, port, nullptr);
  if (error) real().close(control);
  return error == ECONNRESET ? ENETUNREACH : error;
}

int socks_further_datagrams(int control, const plain_address& to, plain_address& port,
                            notice_handler noticed) {
  return talk{control}.ask_for_port(to, port, noticed);
}

} // namespace hublink::wrap
