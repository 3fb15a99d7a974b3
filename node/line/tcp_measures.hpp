#pragma once
/// What the kernel knows of a TCP connection, and its congestion control. The one place where hublink's own
/// connections are asked.
#include "protocol/circuit/line_rate.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace hublink {

/// Of one connection, from its beginning on (TCP_INFO).
struct tcp_measures {
  std::uint64_t bytes_out = 0, bytes_in = 0; ///< acknowledged by the peer; received
  std::uint64_t segments_out = 0;            ///< with data, each time that they were sent
  std::uint64_t retransmitted = 0;           ///< segments of these that were sent again
  std::uint64_t needless = 0;                ///< of these the peer had already, as it says
  std::chrono::microseconds round_trip{};    ///< smoothed
  std::chrono::microseconds least_round_trip{};
  bool starting = false; ///< it has not found yet how much the line takes
};

/// Nothing: it is no TCP socket any more.
std::optional<tcp_measures> measure_tcp(int fd);

/// For who loads a line: the same, and more. `whole`: with what does not come from TCP_INFO alone. All zeros
/// but the time: it is no TCP socket any more.
line_facts look_at_line(int fd, bool whole);
/// How much of what was written may wait to be sent.
void limit_unsent(int fd, std::size_t bytes);

/// The kernel's name of what is in force; empty where there is none.
std::string congestion_control_of(int fd);
/// EPERM: an unprivileged process may not have it; ENOENT: this kernel does not have it.
std::error_code set_congestion_control(int fd, const std::string& name);
/// Those that an unprivileged process may have, as the sysctl lists them.
std::string allowed_congestion_controls();

} // namespace hublink
