#include "node/enclosure/enclosed_datagrams.hpp"
#include "node/enclosure/empty_datagram.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace hublink {

namespace {

constexpr std::size_t most_flows = 4096, most_senders = 1024, most_waiting = 64;
constexpr std::size_t largest_datagram = 65'535;
constexpr std::chrono::seconds idle_after{120}, look_every{10};
constexpr int at_a_time = 64;           // datagrams, before others get their turn
constexpr int receive_original_v6 = 74; // IPV6_RECVORIGDSTADDR, IPV6_TRANSPARENT: of <linux/in6.h>
constexpr int foreign_v6 = 75;

template <class Value>
bool set_on(int fd, int level, int name, const Value& value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

endpoint endpoint_of(const sockaddr_storage& from) {
  tcp::endpoint made(from.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), 0);
  std::memcpy(made.data(), &from, made.size());
  return from_asio(made);
}

struct arrival {
  endpoint from, to;
  std::size_t size = 0;
};

/// Nothing: none is there.
std::optional<arrival> receive(int fd, std::span<std::byte> room) {
  sockaddr_storage from{}, to{};
  alignas(cmsghdr) std::array<char, 256> control_data{};
  iovec part{room.data(), room.size()};
  msghdr message{&from, sizeof from, &part, 1, control_data.data(), control_data.size(), 0};
  auto got = uninterrupted([&] { return ::recvmsg(fd, &message, 0); });
  if (got < 0) return {};
  for (auto* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each))
    if ((each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_ORIGDSTADDR) ||
        (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == receive_original_v6))
      std::memcpy(&to, CMSG_DATA(each), std::min(sizeof to, std::size_t(each->cmsg_len - CMSG_LEN(0))));
  return arrival{endpoint_of(from), endpoint_of(to), static_cast<std::size_t>(got)};
}

} // namespace

enclosed_datagrams::enclosed_datagrams(asio::io_context& context, own_network& network,
                                       const enclosed_streams::surroundings& around, name_answers& names)
    : context_(context), network_(network), around_(around), names_(names), v4_(context), v6_(context),
      packets_out_(network), timer_(context) {}

outcome<> enclosed_datagrams::open() {
  if (auto ready = listen(false); !ready) return ready;
  if (auto ready = listen(true); !ready) return ready;
  end_idle();
  return {};
}

outcome<> enclosed_datagrams::listen(bool v6) {
  auto fd = network_.open(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  if (!fd && v6) return {}; // no IPv6 here
  auto error = fd ? bind_for_all(fd.get(), v6) : errno;
  if (!error && !(v6 ? set_on(fd.get(), IPPROTO_IPV6, receive_original_v6, 1)
                     : set_on(fd.get(), IPPROTO_IP, IP_RECVORIGDSTADDR, 1)))
    error = errno;
  if (error)
    return {errc::bad_config,
            "can't take datagrams in the namespace: " + std::generic_category().message(error)};
  auto& listener = v6 ? v6_ : v4_;
  listener.assign(fd.release());
  read(listener, v6);
  return {};
}

void enclosed_datagrams::read(asio::posix::stream_descriptor& listener, bool v6) {
  listener.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, &listener, v6](std::error_code failed) {
                        if (failed) return;
                        static std::array<std::byte, largest_datagram> room; // one thread
                        for (int i = 0; i < at_a_time; ++i) {
                          auto got = receive(listener.native_handle(), room);
                          if (!got) break;
                          arrived({got->from, got->to}, std::span(room).first(got->size));
                        }
                        read(listener, v6);
                      });
}

void enclosed_datagrams::arrived(const ends& which, byte_view data) {
  if (around_.name_servers.contains(which.second)) {
    if (auto reply = names_.answer(data)) answer(which, *reply);
    return;
  }
  auto known = flows_.find(which);
  if (known == flows_.end()) {
    const auto way = around_.ways.of(which.second);
    if (way == way_out::none) return refuse(which);
    if (way == way_out::inside || flows_.size() == most_flows) return;
    known = flows_.emplace(which, flow{}).first;
    begin(which, known->second, way);
  }
  auto& flow = known->second;
  flow.used = clock::now();
  if (flow.far)
    send_far(which, flow, data);
  else if (flow.waiting.size() < most_waiting)
    flow.waiting.emplace_back(data.begin(), data.end());
}

void enclosed_datagrams::begin(const ends& which, flow& fresh, way_out way) {
  if (way == way_out::direct) return connect(which, fresh, which.second);
  socks_datagrams(context_, around_.gateway, {which.second.address, which.second.port},
                  [this, which](socks_answer, std::shared_ptr<tcp::socket> control, const endpoint& bound) {
                    auto known = flows_.find(which);
                    if (known == flows_.end()) return;
                    if (!control) {
                      flows_.erase(known);
                      return refuse(which);
                    }
                    known->second.control = std::move(control);
                    connect(which, known->second, bound);
                  });
}

void enclosed_datagrams::connect(const ends& which, flow& to, const endpoint& where) {
  const auto family = where.address.v6 ? AF_INET6 : AF_INET;
  to.far = unique_fd{::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  auto address = to_asio(where);
  if (!to.far || ::connect(to.far.get(), address.data(), static_cast<socklen_t>(address.size())) != 0) {
    flows_.erase(which);
    return;
  }
  for (const auto& data : to.waiting) ::send(to.far.get(), data.data(), data.size(), MSG_DONTWAIT);
  to.waiting.clear();
  to.watched = std::make_shared<asio::posix::stream_descriptor>(context_, ::dup(to.far.get()));
  read_far(which);
}

void enclosed_datagrams::read_far(const ends& which) {
  auto watched = flows_.at(which).watched;
  watched->async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, which, watched](std::error_code failed) {
                        auto known = flows_.find(which);
                        if (failed || known == flows_.end() || known->second.watched != watched) return;
                        std::array<std::byte, largest_datagram> room;
                        for (int i = 0; i < at_a_time; ++i) {
                          auto got = uninterrupted([&] {
                            return ::recv(watched->native_handle(), room.data(), room.size(), MSG_DONTWAIT);
                          });
                          if (got < 0 && errno == ECONNREFUSED) {
                            refuse(which);
                            continue;
                          }
                          if (got < 0) break;
                          known->second.used = clock::now();
                          answer(which, std::span(room).first(static_cast<std::size_t>(got)));
                        }
                        read_far(which);
                      });
}

// A refusal of one before is said here as well, in the place of sending.
void enclosed_datagrams::send_far(const ends& which, const flow& by, byte_view data) {
  auto send = [&] { return ::send(by.far.get(), data.data(), data.size(), MSG_DONTWAIT); };
  if (send() >= 0 || errno != ECONNREFUSED) return; // as the network: it may be lost
  refuse(which);
  send();
}

void enclosed_datagrams::answer(const ends& which, byte_view data) {
  auto fd = sender_as(which.second);
  auto to = to_asio(which.first);
  if (fd >= 0) ::sendto(fd, data.data(), data.size(), 0, to.data(), static_cast<socklen_t>(to.size()));
}

// The program's socket hears of it as of a port where nobody is.
void enclosed_datagrams::refuse(const ends& which) {
  packets_out_.send(which.second.address, empty_datagram(which.first, which.second), packet_mark::refused);
}

// It is not connected, so that nothing comes to it: that goes to the listener.
int enclosed_datagrams::sender_as(const endpoint& own) {
  if (auto known = senders_.find(own); known != senders_.end()) return known->second.get();
  if (senders_.size() == most_senders) senders_.clear();
  const bool v6 = own.address.v6;
  auto fd = network_.open(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  auto where = to_asio(own);
  bool ready = fd && mark_packets(fd.get(), packet_mark::ours) == 0 &&
               (v6 ? set_on(fd.get(), IPPROTO_IPV6, foreign_v6, 1)
                   : set_on(fd.get(), IPPROTO_IP, IP_TRANSPARENT, 1)) &&
               set_on(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) &&
               ::bind(fd.get(), where.data(), static_cast<socklen_t>(where.size())) == 0;
  if (!ready) return -1;
  return senders_.emplace(own, std::move(fd)).first->second.get();
}

void enclosed_datagrams::end_idle() {
  const auto before = clock::now() - idle_after;
  std::erase_if(flows_, [&](const auto& each) { return each.second.used < before; });
  timer_.expires_after(look_every);
  timer_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) end_idle();
  });
}

} // namespace hublink
