#include "node/enclosure/connection_door.hpp"

#include <asio/steady_timer.hpp>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hublink {

namespace {

constexpr int waiting_connections = 4096;
constexpr int packet_room = 4 << 20; ///< bytes of packets that were not read yet
constexpr std::chrono::milliseconds let_in_later{100};
constexpr int transparent_v6 =
    75; // IPV6_TRANSPARENT: of <linux/in6.h>, which does not go with <netinet/in.h>

template <class Value>
int set(int fd, int level, int name, const Value& value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

/// SYN without ACK, of IPv4 and IPv6, without a mark: not one that was sent from here.
int attach_filter(int fd) {
  constexpr auto mark = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_MARK);
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, mark),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 17),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 6),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 12),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 7, 8),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 7),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 5),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 53),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 1, 2),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  return set(fd, SOL_SOCKET, SO_ATTACH_FILTER, sock_fprog{std::size(steps), steps});
}

failure cannot(const char* what, int error) {
  return {errc::bad_config, {}, std::string{what} + ": " + std::generic_category().message(error)};
}

} // namespace

int bind_for_all(int fd, bool v6) {
  const int on = 1;
  if (auto error = mark_packets(fd, packet_mark::ours)) return error;
  if (v6)
    if (auto error = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, on)) return error;
  auto error = v6 ? set(fd, IPPROTO_IPV6, transparent_v6, on) : set(fd, IPPROTO_IP, IP_TRANSPARENT, on);
  if (error) return error;
  auto where = to_asio({ip_address{{}, v6}, inner_port});
  return ::bind(fd, where.data(), static_cast<socklen_t>(where.size())) == 0 ? 0 : errno;
}

connection_door::connection_door(asio::io_context& context, own_network& network, handlers what)
    : context_(context), network_(network), handlers_(std::move(what)), v4_(context), v6_(context),
      packets_in_(context), packets_out_(network) {}

outcome<> connection_door::open() {
  if (auto ready = listen(false); !ready) return ready;
  if (auto ready = listen(true); !ready) return ready;
  return watch_loopback();
}

outcome<> connection_door::listen(bool v6) {
  auto fd = network_.open(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  if (!fd && v6) return {}; // no IPv6 here
  auto error = fd ? bind_for_all(fd.get(), v6) : errno;
  if (!error && ::listen(fd.get(), waiting_connections) != 0) error = errno;
  if (error) return cannot("can't listen in the namespace", error);
  auto& acceptor = v6 ? v6_ : v4_;
  acceptor.assign(v6 ? tcp::v6() : tcp::v4(), fd.release());
  accept(acceptor);
  return {};
}

outcome<> connection_door::watch_loopback() {
  auto fd = network_.open(AF_PACKET, SOCK_DGRAM, 0); // nothing comes before it has its filter
  if (!fd) return cannot("can't watch the namespace's loopback device", errno);
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = 1;
  auto error = attach_filter(fd.get());
  if (!error) error = set(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, int{1});
  if (!error) error = set(fd.get(), SOL_SOCKET, SO_RCVBUF, packet_room);
  if (!error && ::bind(fd.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) error = errno;
  if (error) return cannot("can't watch the namespace's loopback device", error);
  packets_in_.assign(fd.release());
  read_packets();
  return {};
}

void connection_door::read_packets() {
  std::array<std::byte, 2048> room;
  for (;;) {
    auto got =
        uninterrupted([&] { return ::recv(packets_in_.native_handle(), room.data(), room.size(), 0); });
    if (got < 0) break;
    if (auto opening = opening_segment::parse(std::span(room).first(static_cast<std::size_t>(got))))
      handlers_.opening(std::move(*opening));
  }
  packets_in_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code failed) {
    if (!failed) read_packets();
  });
}

void connection_door::accept(tcp::acceptor& from) {
  from.async_accept([this, &from](std::error_code failed, tcp::socket socket) {
    if (failed == std::errc::operation_canceled) return;
    if (failed) { // out of descriptors
      auto timer = std::make_shared<asio::steady_timer>(context_, let_in_later);
      timer->async_wait([this, &from, timer](std::error_code) { accept(from); });
      return;
    }
    std::error_code gone;
    auto peer = socket.remote_endpoint(gone), own = socket.local_endpoint(gone);
    if (!gone) handlers_.opened(from_asio(peer), from_asio(own), std::move(socket));
    accept(from);
  });
}

} // namespace hublink
