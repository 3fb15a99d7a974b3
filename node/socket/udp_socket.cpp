#include "node/socket/udp_socket.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hublink {

namespace {

constexpr std::size_t at_once = 32;
constexpr std::size_t slot = 65'536;
/// Rounds before others have their turn.
constexpr int read_rounds = 4;
/// What the kernel may keep while this thread is busy.
constexpr int kernel_buffer = 4 << 20;

asio::ip::udp::endpoint to_udp(const endpoint& where) {
  auto made = to_asio(where);
  return {made.address(), made.port()};
}

endpoint from_raw(const sockaddr_storage& raw, socklen_t size) {
  tcp::endpoint where;
  std::memcpy(where.data(), &raw, std::min<std::size_t>(size, where.capacity()));
  where.resize(std::min<std::size_t>(size, where.capacity()));
  return from_asio(where);
}

/// Room for one read; one thread.
struct slots {
  std::unique_ptr<std::byte[]> data{new std::byte[at_once * slot]};
  std::array<sockaddr_storage, at_once> from{};
  std::array<iovec, at_once> parts{};
  std::array<mmsghdr, at_once> messages{};

  void prepare() {
    for (std::size_t i = 0; i < at_once; ++i) {
      parts[i] = {data.get() + i * slot, slot};
      messages[i] = {};
      messages[i].msg_hdr.msg_name = &from[i];
      messages[i].msg_hdr.msg_namelen = sizeof from[i];
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

} // namespace

outcome<> udp_socket::open(const endpoint& where) {
  std::error_code error, ignored;
  socket_.open(to_udp(where).protocol(), error);
  if (!error) socket_.native_non_blocking(true, error);
  if (!error && where.address.v6) socket_.set_option(asio::ip::v6_only(true), error);
  if (!error) socket_.set_option(asio::socket_base::receive_buffer_size(kernel_buffer), ignored);
  if (!error) socket_.bind(to_udp(where), error);
  if (!error) return {};
  return {errc::bad_config, error.message()};
}

void udp_socket::read(handler got) {
  got_ = std::move(got);
  wait();
}

void udp_socket::wait() {
  socket_.async_wait(asio::ip::udp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
    if (error || !self->got_) return;
    if (self->refused_) self->read_refusals();
    for (int round = 0; round < read_rounds; ++round)
      if (!self->read_some()) break;
    if (self->got_) self->wait();
  });
}

// False: nothing is left.
bool udp_socket::read_some() {
  thread_local slots room;
  room.prepare();
  auto read = [&] {
    return ::recvmmsg(socket_.native_handle(), room.messages.data(), at_once, MSG_DONTWAIT, nullptr);
  };
  auto count = read();
  if (count < 0 && errno == ECONNREFUSED) count = read(); // said once, in place of what came
  auto tell = got_;                                       // it may close this socket
  for (int i = 0; i < count && got_; ++i) {
    const auto& message = room.messages[std::size_t(i)];
    tell(from_raw(room.from[std::size_t(i)], message.msg_hdr.msg_namelen),
         {room.data.get() + std::size_t(i) * slot, message.msg_len});
  }
  return got_ && count == int(at_once);
}

bool udp_socket::send(const endpoint& to, byte_view data) {
  auto where = to_udp(to);
  auto attempt = [&] {
    return ::sendto(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT, where.data(),
                    static_cast<socklen_t>(where.size())) == static_cast<ssize_t>(data.size());
  };
  // What became of an earlier one is said instead of sending this one.
  return attempt() || (refused_ && errno == ECONNREFUSED && attempt());
}

void udp_socket::watch_refusals(refusal_handler told) {
  refused_ = std::move(told);
  int on = 1;
  std::error_code ignored;
  bool v6 = socket_.local_endpoint(ignored).address().is_v6();
  ::setsockopt(socket_.native_handle(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on,
               sizeof on);
}

// The address is the one that was sent to, wherever the message comes from.
void udp_socket::read_refusals() {
  for (;;) {
    std::array<std::byte, 512> room;
    sockaddr_storage to{};
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    if (::recvmsg(socket_.native_handle(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
      bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
      bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
      if (!v4 && !v6) continue;
      sock_extended_err why{};
      std::memcpy(&why, CMSG_DATA(part), sizeof why);
      auto told = refused_; // it may close this socket
      if (why.ee_errno == ECONNREFUSED && told) told(from_raw(to, message.msg_namelen));
    }
  }
}

bool udp_socket::connect_to(const endpoint& where) {
  auto to = to_udp(where);
  return ::connect(socket_.native_handle(), to.data(), static_cast<socklen_t>(to.size())) == 0;
}

// Connected to itself, it is nobody else's; an address of loopback or of the machine can always be reached.
void udp_socket::turn_away(std::chrono::milliseconds time, const endpoint& then_only) {
  std::error_code ignored;
  auto own = socket_.local_endpoint(ignored);
  if (!connect_to(from_asio({own.address(), own.port()}))) return;
  auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(), time);
  timer->async_wait([self = shared_from_this(), timer, then_only](std::error_code) {
    if (self->socket_.is_open()) self->connect_to(then_only);
  });
}

std::uint16_t udp_socket::port() const {
  std::error_code ignored;
  return socket_.local_endpoint(ignored).port();
}

void udp_socket::finish() {
  while (got_ && read_some()) {
  }
  close();
}

void udp_socket::close() {
  got_ = nullptr;
  refused_ = nullptr;
  std::error_code ignored;
  socket_.close(ignored);
}

} // namespace hublink
