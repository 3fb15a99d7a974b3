#include "node/socket/udp_socket.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>

#include <array>
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
  return {errc::bad_config, to_string(where) + ": " + error.message()};
}

void udp_socket::read(handler got) {
  got_ = std::move(got);
  wait();
}

void udp_socket::wait() {
  socket_.async_wait(asio::ip::udp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
    if (error || !self->got_) return;
    for (int round = 0; round < read_rounds; ++round)
      if (!self->read_some()) break;
    if (self->got_) self->wait();
  });
}

// False: nothing is left.
bool udp_socket::read_some() {
  thread_local slots room;
  room.prepare();
  auto count = ::recvmmsg(socket_.native_handle(), room.messages.data(), at_once, MSG_DONTWAIT, nullptr);
  auto tell = got_; // it may close this socket
  for (int i = 0; i < count && got_; ++i) {
    const auto& message = room.messages[std::size_t(i)];
    tell(from_raw(room.from[std::size_t(i)], message.msg_hdr.msg_namelen),
         {room.data.get() + std::size_t(i) * slot, message.msg_len});
  }
  return got_ && count == int(at_once);
}

bool udp_socket::send(const endpoint& to, byte_view data) {
  auto where = to_udp(to);
  return ::sendto(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT, where.data(),
                  static_cast<socklen_t>(where.size())) == static_cast<ssize_t>(data.size());
}

std::uint16_t udp_socket::port() const {
  std::error_code ignored;
  return socket_.local_endpoint(ignored).port();
}

void udp_socket::close() {
  got_ = nullptr;
  std::error_code ignored;
  socket_.close(ignored);
}

} // namespace hublink
