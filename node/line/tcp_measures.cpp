#include "node/line/tcp_measures.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fstream>
#include <limits>

namespace hublink {

namespace {

/// As the kernel writes it (include/uapi/linux/tcp.h); that header and the C library's, whose own struct ends
/// earlier, exclude each other. What an older kernel does not say stays 0.
struct kernel_tcp_info {
  std::array<std::uint8_t, 8> states;
  std::uint32_t resend_time, ack_time, segment_out, segment_in;
  std::uint32_t unacked, sacked, lost, resent, forward;
  std::array<std::uint32_t, 4> since_last;
  std::uint32_t path_mtu, receive_threshold, round_trip, round_trip_deviation, send_threshold, window;
  std::uint32_t advertised_segment, reordering, receive_round_trip, receive_space, retransmitted;
  std::uint64_t pacing, most_pacing, bytes_acked, bytes_received;
  std::uint32_t segments_out, segments_in, not_sent, least_round_trip, data_segments_in, data_segments_out;
  std::uint64_t delivery_rate, busy_time, window_limited, buffer_limited;
  std::uint32_t delivered, delivered_marked;
  std::uint64_t bytes_sent, bytes_resent;
  std::uint32_t needless, reordered, out_of_order, peer_window;
};
static_assert(offsetof(kernel_tcp_info, retransmitted) == 100 &&
              offsetof(kernel_tcp_info, bytes_acked) == 120 &&
              offsetof(kernel_tcp_info, data_segments_out) == 156 &&
              offsetof(kernel_tcp_info, needless) == 216 && offsetof(kernel_tcp_info, peer_window) == 228);

constexpr std::uint32_t no_threshold_yet = 0x7fffffff;
constexpr std::uint32_t not_measured = 0xffffffff;

std::optional<kernel_tcp_info> info_of(int fd) {
  kernel_tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return info;
}

/// What both looks at a connection want of it.
template <class Found>
void count_into(Found& found, const kernel_tcp_info& info) {
  found.bytes_out = info.bytes_acked;
  found.segments_out = info.data_segments_out;
  found.retransmitted = info.retransmitted;
  found.needless = info.needless;
  found.round_trip = std::chrono::microseconds{info.round_trip};
  if (info.least_round_trip != not_measured)
    found.least_round_trip = std::chrono::microseconds{info.least_round_trip};
}

std::chrono::microseconds spent(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_nsec / 1000};
}

/// The last of the three numbers: how far a buffer grows by itself.
std::uint64_t most_of_sysctl(const char* path) {
  std::ifstream file{path};
  std::uint64_t least = 0, usual = 0, most = 0;
  return file >> least >> usual >> most ? most : 0;
}

} // namespace

std::optional<tcp_measures> measure_tcp(int fd) {
  const auto info = info_of(fd);
  if (!info) return {};
  tcp_measures found;
  count_into(found, *info);
  found.bytes_in = info->bytes_received;
  found.starting = info->send_threshold >= no_threshold_yet;
  return found;
}

line_facts look_at_line(int fd, bool whole) {
  line_facts found;
  found.now = spent(CLOCK_MONOTONIC);
  if (const auto info = info_of(fd)) {
    count_into(found, *info);
    found.window = std::uint64_t{info->window} * info->segment_out;
    found.peer_window = info->peer_window;
    found.busy = std::chrono::microseconds{info->busy_time};
    found.by_peer = std::chrono::microseconds{info->window_limited};
    found.by_buffer = std::chrono::microseconds{info->buffer_limited};
  }
  if (!whole) return found;
  found.cpu = spent(CLOCK_PROCESS_CPUTIME_ID);
  found.send_most = most_of_sysctl("/proc/sys/net/ipv4/tcp_wmem");
  found.receive_most = most_of_sysctl("/proc/sys/net/ipv4/tcp_rmem");
  found.congestion = congestion_control_of(fd);
  return found;
}

void limit_unsent(int fd, std::size_t bytes) {
  const int most = static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

std::string congestion_control_of(int fd) {
  std::array<char, 16> name{}; // TCP_CA_NAME_MAX
  socklen_t size = name.size();
  if (::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return {};
  return std::string(name.data(), ::strnlen(name.data(), name.size()));
}

std::error_code set_congestion_control(int fd, const std::string& name) {
  if (::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size())) == 0)
    return {};
  return {errno, std::generic_category()};
}

std::string allowed_congestion_controls() {
  std::ifstream file{"/proc/sys/net/ipv4/tcp_allowed_congestion_control"};
  std::string line;
  std::getline(file, line);
  return line;
}

} // namespace hublink
