#pragma once
// Real sockets for tests: an io thread, blocking peers with a deadline on every call.
#include "node/socket/sockets.hpp"
#include "protocol/base/bytes.hpp"
#include "support/catch.hpp"

#include <asio.hpp>

#include <sys/socket.h>

#include <csignal>
#include <future>
#include <thread>

namespace hublink::test {

inline constexpr std::chrono::seconds patience{20};

/// An io_context on its own thread.
struct io_thread {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
  std::thread thread{[this] { context.run(); }};

  io_thread() { std::signal(SIGPIPE, SIG_IGN); }
  ~io_thread() { stop(); }
  void stop() {
    if (!thread.joinable()) return;
    guard.reset();
    context.stop();
    thread.join();
  }
  /// Runs `what` on the thread and waits for its result.
  template <class F>
  auto run(F what) {
    std::packaged_task<decltype(what())()> task(std::move(what));
    auto result = task.get_future();
    asio::post(context, [&task] { task(); });
    REQUIRE(result.wait_for(patience) == std::future_status::ready);
    return result.get();
  }
};

/// A peer that blocks, but never for longer than `patience`.
class peer {
 public:
  explicit peer(int fd) : fd_(fd) {
    timeval limit{patience.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  peer(peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~peer() { close(); }

  int fd() const { return fd_; }
  bool send(std::string_view text) {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == ssize_t(text.size());
  }
  /// What comes until `count` bytes are there, an end or an error.
  std::string read(std::size_t count) {
    std::string got(count, 0);
    auto size = ::recv(fd_, got.data(), count, MSG_WAITALL);
    error_ = size < 0 ? errno : 0;
    got.resize(size < 0 ? 0 : std::size_t(size));
    return got;
  }
  /// FIN, not an error and not more data.
  bool at_end() { return read(1).empty() && error_ == 0; }
  bool is_reset() {
    char octet;
    while (true) {
      auto size = ::recv(fd_, &octet, 1, 0);
      if (size <= 0) return size < 0 && (errno == ECONNRESET || errno == EPIPE);
    }
  }
  /// The other side ended the connection, in whatever way; not a time-out.
  bool is_over() {
    char octet;
    ssize_t size;
    while ((size = ::recv(fd_, &octet, 1, 0)) > 0) {
    }
    return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  int error_ = 0;
};

/// A connected pair on loopback: the plane's socket and the test's.
inline std::pair<tcp::socket, peer> make_pair(asio::io_context& context) {
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto where = acceptor.local_endpoint();
  REQUIRE(::connect(fd, where.data(), socklen_t(where.size())) == 0);
  auto socket = acceptor.accept();
  tune(socket, data_patience);
  return {std::move(socket), peer(fd)};
}

} // namespace hublink::test
