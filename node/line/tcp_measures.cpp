#include "node/line/tcp_measures.hpp"

#include <linux/tcp.h> // the C library's own has not all that the kernel says
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace hublink {

namespace {

constexpr std::uint32_t no_threshold_yet = 0x7fffffff;
constexpr std::uint32_t not_measured = 0xffffffff;

} // namespace

std::optional<tcp_measures> measure_tcp(int fd) {
  ::tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  tcp_measures found;
  found.bytes_out = info.tcpi_bytes_acked;
  found.bytes_in = info.tcpi_bytes_received;
  found.segments_out = info.tcpi_data_segs_out;
  found.retransmitted = info.tcpi_total_retrans;
  found.needless = info.tcpi_dsack_dups;
  found.round_trip = std::chrono::microseconds{info.tcpi_rtt};
  if (info.tcpi_min_rtt != not_measured)
    found.least_round_trip = std::chrono::microseconds{info.tcpi_min_rtt};
  found.starting = info.tcpi_snd_ssthresh >= no_threshold_yet;
  return found;
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
