#include "socks_client.hpp"
#include "names.hpp"
#include "real.hpp"
#include "request_rules.hpp"

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

enum command : unsigned char { command_connect = 1, command_deferred = 0x81, command_datagrams = 0x83 };

long now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

int error_of(unsigned char reply) {
  switch (reply) {
  case 0:
    return 0;
  case 2:
    return EACCES;
  case 3:
    return ENETUNREACH;
  case 5:
    return ECONNREFUSED;
  case 6:
    return ETIMEDOUT;
  default:
    return EHOSTUNREACH;
  }
}

/// The application may try the same socket again. What the kernel has to say of this is not its error.
void dissolve(int fd) {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  real().connect(fd, &nowhere, sizeof nowhere);
  int ignored = 0;
  socklen_t size = sizeof ignored;
  real().getsockopt(fd, SOL_SOCKET, SO_ERROR, &ignored, &size);
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
    const auto& now = current();
    int family = AF_INET;
    socklen_t size = sizeof family;
    real().getsockopt(fd_, SOL_SOCKET, SO_DOMAIN, &family, &size);
    plain_address gateway;
    plain(reinterpret_cast<const sockaddr*>(&now.gateway), now.gateway_size, gateway);
    sockaddr_storage where;
    auto length = as_family(family, gateway, where);
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
    auto* user = current().user;
    auto* colon = user ? std::strchr(user, ':') : nullptr;
    const unsigned char greeting[] = {5, 1, static_cast<unsigned char>(colon ? 2 : 0)};
    unsigned char answer[2];
    if (auto error = send_all(greeting, sizeof greeting)) return error;
    if (auto error = receive(answer, 2)) return error;
    if (answer[0] != 5 || answer[1] != greeting[2]) return EACCES;
    if (!colon) return 0;
    auto name = std::size_t(colon - user), password = std::strlen(colon + 1);
    if (name > 255 || password > 255) return EACCES;
    unsigned char words[3 + 255 + 255] = {1, static_cast<unsigned char>(name)};
    std::memcpy(words + 2, user, name);
    words[2 + name] = static_cast<unsigned char>(password);
    std::memcpy(words + 3 + name, colon + 1, password);
    if (auto error = send_all(words, 3 + name + password)) return error;
    if (auto error = receive(answer, 2)) return error;
    return answer[1] == 0 ? 0 : EACCES;
  }

  int ask(command what, const plain_address& to, plain_address& bound) const {
    unsigned char words[longest_rules + 4 + 1 + 255 + 2];
    const bool datagrams = what == command_datagrams;
    auto size = datagrams ? put_datagram_rules(words) : put_stream_rules(words, fd_);
    const unsigned char head_words[] = {
        5, what, static_cast<unsigned char>(datagrams && size == 0 ? current().reply_timeout_s : 0)};
    std::memcpy(words + size, head_words, sizeof head_words);
    size += sizeof head_words;
    size += put_address(words + size, to);
    words[size++] = static_cast<unsigned char>(to.port >> 8);
    words[size++] = static_cast<unsigned char>(to.port);
    if (auto error = send_all(words, size)) return error;
    unsigned char head[4], rest[18];
    if (auto error = receive(head, 4)) return error;
    std::memset(&bound, 0, sizeof bound);
    bound.v6 = head[3] == 4;
    std::size_t width = bound.v6 ? 16 : 4;
    if (auto error = receive(rest, width + 2)) return error;
    std::memcpy(bound.octets, rest, width);
    bound.port = static_cast<std::uint16_t>(rest[width] << 8 | rest[width + 1]);
    return error_of(head[1]);
  }

  /// What the gateway leaves unread until the destination has answered. With a send buffer too small for it
  /// that is waited for here.
  int pad(const plain_address& reply) const {
    static const unsigned char nothing[64 * 1024] = {};
    std::uint32_t left;
    std::memcpy(&left, reply.octets, sizeof left);
    for (left = ntohl(left); left > 0;) {
      auto part = left < sizeof nothing ? left : sizeof nothing;
      if (auto error = send_all(nothing, part)) return is_refused(fd_) ? take_refusal(fd_) : error;
      left -= std::uint32_t(part);
    }
    return 0;
  }

 private:
  /// Type and address, RFC 1928, section 5. Returns their size.
  static std::size_t put_address(unsigned char* into, const plain_address& to) {
    if (auto* name = name_behind(to)) {
      auto length = std::strlen(name);
      into[0] = 3;
      into[1] = static_cast<unsigned char>(length);
      std::memcpy(into + 2, name, length); // NOLINT(bugprone-not-null-terminated-result): its length is said
      return 2 + length;
    }
    std::size_t width = to.v6 ? 16 : 4;
    into[0] = to.v6 ? 4 : 1;
    std::memcpy(into + 1, to.octets, width);
    return 1 + width;
  }

  int fd_;
  long end_;
};

} // namespace

socklen_t as_family(int family, const plain_address& from, sockaddr_storage& to) {
  std::memset(&to, 0, sizeof to);
  if (family == AF_INET) {
    if (from.v6) return 0;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(from.port);
    std::memcpy(&v4->sin_addr, from.octets, 4);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(from.port);
  if (from.v6) {
    std::memcpy(&v6->sin6_addr, from.octets, 16);
  } else {
    std::memset(v6->sin6_addr.s6_addr + 10, 0xff, 2);
    std::memcpy(v6->sin6_addr.s6_addr + 12, from.octets, 4);
  }
  return sizeof *v6;
}

int socks_connect(int fd, const plain_address& to, bool deferred) {
  talk gateway{fd};
  plain_address answer;
  auto error = gateway.dial();
  if (error == EISCONN || error == EALREADY) return error;
  if (!error) error = gateway.log_in();
  if (!error) error = gateway.ask(deferred ? command_deferred : command_connect, to, answer);
  if (!error && deferred) error = gateway.pad(answer);
  if (error) dissolve(fd);
  return error;
}

bool is_refused(int fd) {
  int at_mark = 0;
  return ::ioctl(fd, SIOCATMARK, &at_mark) == 0 && at_mark;
}

int take_refusal(int fd) {
  int before = 0, in_line = 1;
  socklen_t size = sizeof before;
  real().getsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &before, &size);
  ::setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &in_line, sizeof in_line);
  unsigned char reply = 0;
  bool read = ::recv(fd, &reply, 1, MSG_DONTWAIT) == 1;
  ::setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &before, sizeof before);
  dissolve(fd);
  return read ? error_of(reply) : ENETUNREACH;
}

int socks_datagrams(const plain_address& to, sockaddr_storage& port, int& control) {
  control = ::socket(current().gateway.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (control < 0) return errno;
  talk gateway{control};
  plain_address bound;
  auto error = gateway.dial();
  if (!error) error = gateway.log_in();
  if (!error) error = gateway.ask(command_datagrams, to, bound);
  if (!error) as_family(bound.v6 ? AF_INET6 : AF_INET, bound, port);
  if (error) real().close(control);
  return error;
}

} // namespace hublink::wrap
